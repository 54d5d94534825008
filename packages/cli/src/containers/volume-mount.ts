import type { ContainerMount, VolumeUse } from '@podwright/contracts'
import { CliError } from '../errors.ts'
import { checkTarget, splitWords } from './mounts.ts'

/** docker's and podman's grammar of names. */
const nameGrammar = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** A volume's mount from its words. @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`, `ERR_CLI_FLAG_CONFLICT` */
export function volumeMount(mount: {
  /** Undefined for an anonymous one. */
  readonly name: string | undefined
  readonly target: string
  readonly words: readonly string[]
  readonly flag: string
  readonly use?: VolumeUse
}): ContainerMount {
  const { name, flag, words } = mount
  if (name !== undefined) checkName(name, flag)
  if (words.includes('copy') && words.includes('nocopy')) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `copy and nocopy contradict each other in ${flag}`)
  }
  const use = { ...mount.use, ...(words.includes('nocopy') && { noCopy: true }) }
  return {
    type: 'volume',
    ...(name !== undefined && { source: name }),
    target: checkTarget(mount.target, flag),
    ...splitWords(
      words.filter((word) => word !== 'copy' && word !== 'nocopy'),
      flag,
    ),
    ...(Object.keys(use).length > 0 && { volume: use }),
  }
}

function checkName(name: string, flag: string): void {
  if (nameGrammar.test(name)) return
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid volume "${name}" in ${flag}: a name has letters, digits, "_", "." and "-"`, {
    hint: 'Name a directory of this host with a path that begins with / or ./',
    details: { name },
  })
}
