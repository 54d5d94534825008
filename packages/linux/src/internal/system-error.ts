import { constants } from 'node:os'
import { lastErrno } from './libc.ts'

let names: Map<number, string> | undefined

/** The name of an errno value (`ENOENT`). */
export function errnoName(errno: number): string {
  names ??= new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]))
  return names.get(errno) ?? `E${errno}`
}

/** An error as Node's own file calls throw it: `code`, `errno`, `syscall`, `path`. */
export function systemError(syscall: string, path?: string | Uint8Array, errno: number = lastErrno()): NodeJS.ErrnoException {
  const code = errnoName(errno)
  const subject = path === undefined ? undefined : typeof path === 'string' ? path : Buffer.from(path).toString()
  const error: NodeJS.ErrnoException = new Error(`${code}: ${syscall}${subject === undefined ? '' : ` '${subject}'`}`)
  error.code = code
  // Node's are negative.
  error.errno = -errno
  error.syscall = syscall
  if (subject !== undefined) error.path = subject
  return error
}
