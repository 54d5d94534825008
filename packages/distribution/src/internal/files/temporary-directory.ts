import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Where large files wait for their turn: /tmp is in memory on many systems, /var/tmp is not (file-hierarchy(7)). */
export function defaultTemporaryDirectory(): string {
  if (process.env['TMPDIR'] !== undefined) return tmpdir()
  return process.platform === 'linux' && existsSync('/var/tmp') ? '/var/tmp' : tmpdir()
}
