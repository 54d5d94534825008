import { readFileSync } from 'node:fs'

/** A text of the kernel's or of the host's; empty when it is not there, as of a process that has just ended. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
