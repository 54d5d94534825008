import { randomHex } from '@podwright/linux'
import { StorageError } from '../errors.ts'

/** docker's and podman's grammar; a name is a directory's too. */
const grammar = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/
const anonymousGrammar = /^[0-9a-f]{64}$/

/** @throws `ERR_VOLUME_NAME` */
export function checkVolumeName(name: string): void {
  if (grammar.test(name)) return
  throw new StorageError('ERR_VOLUME_NAME', `${JSON.stringify(name.slice(0, 300))} can't be a volume's name`, {
    hint: 'A name starts with a letter or digit and goes on with letters, digits, "_", "." and "-", 255 at most. To mount a directory of the host, give its path.',
  })
}

/** What a holder's file may be called. @throws `ERR_VOLUME_NAME` */
export function checkHolder(holder: string): void {
  if (grammar.test(holder)) return
  throw new StorageError('ERR_VOLUME_NAME', `${JSON.stringify(holder.slice(0, 300))} can't name a holder of a volume`)
}

export function anonymousName(): string {
  return randomHex(32)
}

/** Whether a name looks like one that we drew: then the beginning of it will do. */
export function looksAnonymous(name: string): boolean {
  return anonymousGrammar.test(name)
}
