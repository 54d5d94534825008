import { LinuxError } from '../errors.ts'
import { libcFunction, type LibcFunction } from './libc.ts'

/** Numbers of the calls for which not every C library in use has a function. Generic: include/uapi/asm-generic/unistd.h. */
const generic = { mknodat: 33, openat2: 437 } as const
const numbers: Readonly<Record<string, Readonly<Record<keyof typeof generic, number>>>> = {
  x64: { mknodat: 259, openat2: 437 },
  arm64: generic,
  riscv64: generic,
  loong64: generic,
}

const direct: LibcFunction = libcFunction('long syscall(long number, long a, const void *b, size_t c, size_t d)')
const withPointers: LibcFunction = libcFunction('long syscall(long number, long a, const void *b, const void *c, size_t d)')

/** Calls the kernel by number: a descriptor, a path, then two values, the first of which may be a buffer. */
export function syscall(name: keyof typeof generic, first: number, path: Uint8Array, third: number | Uint8Array, fourth: number): number {
  const number = numbers[process.arch]?.[name]
  if (number === undefined) throw new LinuxError('ERR_LINUX_LIBC', `cannot call ${name}: its number on ${process.arch} is not known`)
  return typeof third === 'number' ? direct(number, first, path, third, fourth) : withPointers(number, first, path, third, fourth)
}
