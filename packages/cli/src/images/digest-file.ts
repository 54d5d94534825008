import { messageOf } from '@podwright/conventions'
import { CliError } from '../errors.ts'

/** Writes a digest as podman does: bare, without a newline. @throws CliError `ERR_CLI_FILE` */
export function writeDigestFile(path: string, digest: string): void {
  try {
    process.getBuiltinModule('node:fs').writeFileSync(path, digest)
  } catch (cause) {
    throw new CliError('ERR_CLI_FILE', `cannot write the digest to ${path}: ${messageOf(cause)}`, { cause })
  }
}
