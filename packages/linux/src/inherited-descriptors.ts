import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { libcFunction } from './internal/libc.ts'

const fcntl = libcFunction('int fcntl(int fd, int command, int argument)')
const closeRange = libcFunction('int close_range(unsigned int first, unsigned int last, int flags)')
const setFlags = 2
const closeOnExecFlag = 1
const closeOnExec = 0o2000000
const firstOther = 3
const everyOther = 0xffffffff
const setCloseOnExec = 4

/**
 * Keeps what this process inherited from its parent, besides stdin, stdout and stderr, from being inherited by the programs that it starts.
 *
 * Node does that for low numbers only. A program that stays after us would otherwise keep a caller's pipe open, and whoever reads the other end would wait
 * for its end for ever. Call it before such a program is started. (close_range(2) does it at once; Linux has it since 5.11, glibc since 2.34.)
 */
export function closeInheritedOnExec(): void {
  if (!closeAllOnExec()) closeEachOnExec()
}

/** A descriptor that Node has opened for itself: of its event loop, or a pipe whose two ends are both here. */
const ofNode = /^anon_inode:\[?(eventpoll|eventfd|io_uring|signalfd)/

/**
 * Whether this process has been given a descriptor by its parent, as far as can be told: Node's own take the lowest numbers that are free, so that one which
 * isn't there has become Node's.
 */
export function isInherited(fd: number): boolean {
  const target = targetOf(fd)
  if (target === undefined || ofNode.test(target)) return false
  return (
    !target.startsWith('pipe:') || !readdirSync('/proc/self/fd').some((other) => Number(other) !== fd && targetOf(Number(other)) === target)
  )
}

function targetOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}

/** The same, one by one, where it can't be done at once. */
export function closeEachOnExec(): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd >= firstOther && isInheritable(fd)) fcntl(fd, setFlags, closeOnExecFlag)
  }
}

function closeAllOnExec(): boolean {
  try {
    return closeRange(firstOther, everyOther, setCloseOnExec) === 0
  } catch {
    // The C library is older.
    return false
  }
}

function isInheritable(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0
  } catch {
    // Closed meanwhile, as the listing's own is.
    return false
  }
}
