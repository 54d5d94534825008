import { readdirSync, readFileSync } from 'node:fs'
import { libcFunction } from './internal/libc.ts'

const fcntl = libcFunction('int fcntl(int fd, int command, int argument)')
const setFlags = 2
const closeOnExecFlag = 1
const closeOnExec = 0o2000000

/**
 * Keeps what this process inherited from its parent, besides stdin, stdout and stderr, from being inherited by the programs that it starts.
 *
 * Node does that for low numbers only. A program that stays after us would otherwise keep a caller's pipe open, and whoever reads the other end would wait
 * for its end for ever. Call it before such a program is started. Opens the C library only when there is something to do.
 */
export function closeInheritedOnExec(): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd > 2 && isInheritable(fd)) fcntl(fd, setFlags, closeOnExecFlag)
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
