import { systemCodeOf } from '@podwright/conventions'
import { CliError } from '../errors.ts'

/**
 * The text of a file that a flag names.
 *
 * @throws CliError `ERR_CLI_FILE`
 */
export async function readNamedFile(flag: string, path: string): Promise<string> {
  try {
    return await process.getBuiltinModule('node:fs/promises').readFile(path, 'utf8')
  } catch (error) {
    throw fileError(`cannot read ${path}, named by ${flag}`, path, error)
  }
}

/**
 * Writes the file that a flag names, which must not be there.
 *
 * @throws CliError `ERR_CLI_FILE`
 */
export async function writeNewFile(flag: string, path: string, text: string): Promise<void> {
  try {
    await process.getBuiltinModule('node:fs/promises').writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    throw fileError(`cannot write ${path}, named by ${flag}`, path, error)
  }
}

/** @throws CliError `ERR_CLI_FILE` when it is there */
export function refuseExistingFile(flag: string, path: string): void {
  if (!process.getBuiltinModule('node:fs').existsSync(path)) return
  throw new CliError('ERR_CLI_FILE', `cannot write ${path}, named by ${flag}: it is there already`, {
    hint: 'Make sure that no other container uses it, and delete it.',
    details: { path },
  })
}

function fileError(what: string, path: string, cause: unknown): CliError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or directory',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
    EEXIST: 'it is there already',
  }
  const code = systemCodeOf(cause) ?? ''
  return new CliError('ERR_CLI_FILE', `${what}: ${reasons[code] ?? (code || String(cause))}`, { cause, details: { path } })
}
