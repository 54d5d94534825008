import { execFileSync } from 'node:child_process'
import { chownSync, closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Role } from '../harness/role.ts'
import type { RunResult } from '../harness/run.ts'
import { createSandbox, type Sandbox } from '../harness/sandbox.ts'

/** A sandbox whose images and containers lie on a small file system of their own. Needs root. */
export interface SmallDisk extends AsyncDisposable {
  /** Its commands may use the whole disk. */
  readonly sandbox: Sandbox
  freeBytes(): number
  /** Takes all space but so much, until `empty`. */
  fillUpTo(freeBytes: number): void
  empty(): void
  remount(mode: 'ro' | 'rw'): void
}

/** Mounts a tmpfs below a sandbox's own directory, before any command was run in it. */
export function smallDisk(role: Role, sizeMiB: number): SmallDisk {
  const sandbox = createSandbox(role)
  const disk = join(sandbox.home, 'store')
  mkdirSync(disk)
  chownSync(disk, role.uid, role.gid)
  const options = `size=${sizeMiB}m,mode=0700,uid=${role.uid},gid=${role.gid}`
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk])
  const filler = join(disk, 'filler')
  const env = { PODWRIGHT_MIN_FREE: '0' }
  const podwright: Sandbox['podwright'] = (args, run = {}) => sandbox.podwright(args, { ...run, env: { ...env, ...run.env } })
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(disk)
    return bavail * bsize
  }
  return {
    sandbox: {
      ...sandbox,
      podwright,
      ok: (args, run = {}) => sandbox.ok(args, { ...run, env: { ...env, ...run.env } }),
      start: (args, run = {}) => sandbox.start(args, { ...run, env: { ...env, ...run.env } }),
    },
    freeBytes,
    fillUpTo(left) {
      rmSync(filler, { force: true })
      const file = openSync(filler, 'w')
      const piece = Buffer.alloc(2 ** 16)
      for (let spare = freeBytes() - left; spare > 0; spare -= piece.length) writeSync(file, piece, 0, Math.min(piece.length, spare))
      closeSync(file)
    },
    empty: () => rmSync(filler, { force: true }),
    remount: (mode) => void execFileSync('mount', ['-o', `remount,${mode}`, disk]),
    async [Symbol.asyncDispose]() {
      await podwright(['rm', '-f', '-a', '-t', '0'])
      execFileSync('umount', ['-l', disk])
      await sandbox[Symbol.asyncDispose]()
    },
  }
}

/** The code of the error that a command run with `--debug` ended with; undefined: it told of none. */
export function errorCode({ stderr }: RunResult): string | undefined {
  return /\[([A-Z][A-Z0-9_]+)\]/.exec(stderr.slice(Math.max(0, stderr.indexOf('\nerror: '))))?.[1]
}
