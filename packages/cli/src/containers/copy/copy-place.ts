import { CliError } from '../../errors.ts'

/** What an argument of `cp` means. */
export type CopyPlace =
  | { readonly type: 'container'; readonly reference: string; readonly path: string }
  | { readonly type: 'local'; readonly path: string }
  /** A tar on stdin or stdout. */
  | { readonly type: 'stream' }

/**
 * Reads an argument as docker does: what stands before the first colon is a container, unless the argument begins like a path. A name of a container has no
 * slash.
 *
 * @throws CliError `ERR_CLI_ARGUMENTS` for a path that is empty
 */
export function parseCopyPlace(argument: string): CopyPlace {
  if (argument === '-') return { type: 'stream' }
  const colon = argument.indexOf(':')
  const reference = argument.slice(0, Math.max(0, colon))
  if (colon < 1 || /^[./]/.test(argument) || reference.includes('/')) {
    if (argument === '') throw emptyPath('an empty word')
    return { type: 'local', path: argument }
  }
  const path = argument.slice(colon + 1)
  if (path === '') throw emptyPath(argument)
  return { type: 'container', reference, path }
}

function emptyPath(argument: string): CliError {
  return new CliError('ERR_CLI_ARGUMENTS', `there is no path in ${argument}`, { hint: 'Name one: web:/etc/hosts. The root is web:/' })
}
