import type { LibraryHandle } from 'koffi'
import { LinuxError } from '../errors.ts'
import { isMusl, koffi } from './koffi.ts'

/** An argument of a C function: a number, a buffer for a pointer, a string, or an array of strings that ends with null. */
export type LibcArgument = number | bigint | string | Uint8Array | null | readonly (string | null)[]

/** A function of the C library. */
export type LibcFunction = (...args: readonly LibcArgument[]) => number

let library: LibraryHandle | undefined

function libc(): LibraryHandle {
  library ??= openLibc()
  return library
}

function openLibc(): LibraryHandle {
  const names = isMusl() ? ['libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1', 'libc.so'] : ['libc.so.6']
  let cause: unknown
  for (const name of names) {
    try {
      return koffi().load(name)
    } catch (error) {
      cause = error
    }
  }
  throw new LinuxError('ERR_LINUX_LIBC', `cannot open the C library: none of ${names.join(', ')} can be loaded`, { cause })
}

/** Declares a C function; it is looked up at its first call. */
export function libcFunction(definition: string): LibcFunction {
  let call: LibcFunction | undefined
  return (...args) => {
    call ??= libc().func(definition) as LibcFunction
    return call(...args)
  }
}

/** Declares a C function that is called on Node's thread pool; within its callback, `lastErrno` is that of the call. */
export function asyncLibcFunction(definition: string): (...args: readonly LibcArgument[]) => Promise<{ value: number; errno: number }> {
  let call: AsyncCall | undefined
  return async (...args) => {
    call ??= (libc().func(definition) as unknown as { async: AsyncCall }).async
    return new Promise((resolve, reject) => {
      call!(...args, (error: Error | null, value: number) => {
        if (error === null) resolve({ value, errno: lastErrno() })
        else reject(error)
      })
    })
  }
}

type AsyncCall = (...args: readonly [...LibcArgument[], (error: Error | null, value: number) => void]) => void

/** The errno of the call before. */
export function lastErrno(): number {
  return koffi().errno()
}

/** `bytes` with the NUL that C wants. */
export function cString(text: string | Uint8Array): Uint8Array {
  if (typeof text === 'string') return Buffer.from(`${text}\0`)
  const terminated = Buffer.allocUnsafe(text.byteLength + 1)
  terminated.set(text)
  terminated[text.byteLength] = 0
  return terminated
}
