import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workspaceRoot } from '../../workspace/workspace.ts'

/** A machine on which set-up's real scripts find what a test says: PATH holds a few of the real tools, and scripted ones. */
export interface FakeMachine extends Disposable {
  /** The clone. */
  readonly root: string
  /** Puts a command on PATH. */
  command(name: string, script: string): void
  /** Whether a command is on PATH. */
  has(name: string): boolean
  setup(profile: string): { readonly code: number; readonly stdout: string; readonly stderr: string }
  /** Runs `./podwright`. */
  launch(...args: readonly string[]): { readonly code: number; readonly stdout: string; readonly stderr: string }
  /** The scripted commands that were called so far, with their arguments, and forgets them. */
  calls(): string[]
}

/** What of the machine's own tools the scripts use. */
const realTools =
  'sh cat chmod chown cmp cp date dirname env find flock grep id kill ls mkdir mv readlink rm sed sleep stat tail touch tr true'.split(' ')

/** Options of `createFakeMachine`. */
export interface FakeMachineOptions {
  /** Rows of the table of packages. */
  readonly table: string
  /** What `id -u` says. @default 0 */
  readonly uid?: number
  /** The controllers of a v2 hierarchy that stands beside those of v1. @default none */
  readonly hybridControllers?: string
}

/** Makes a clone with set-up's own scripts and a table of packages of the test's. */
export function createFakeMachine({ table, uid = 0, hybridControllers }: FakeMachineOptions): FakeMachine {
  const base = mkdtempSync(join(tmpdir(), 'podwright-setup-'))
  const root = join(base, 'clone')
  const bin = join(base, 'bin')
  const log = join(base, 'calls')
  mkdirSync(bin)
  makeClone(root, table)
  const unified = join(base, 'cgroup/unified')
  mkdirSync(unified, { recursive: true })
  if (hybridControllers !== undefined) writeFileSync(join(unified, 'cgroup.controllers'), hybridControllers)
  for (const tool of realTools) linkTool(tool, bin)
  const command = (name: string, script: string): void => {
    const path = join(bin, name)
    rmSync(path, { force: true })
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>${log}\nbin=${bin} root=${root}\n${script}\n`)
    chmodSync(path, 0o755)
  }
  command('id', `case $1 in -u) echo ${uid} ;; -un) echo tester ;; esac`)
  // Installs Node as the package does; that Node "builds" when it is given tsdown, and says what else it is given.
  command('npm', 'mkdir -p $root/node_modules/node/bin && cp $bin/fake-node $root/node_modules/node/bin/node')
  command('fake-node', 'case $1 in *tsdown*) mkdir -p dist && : >dist/podwright.js ;; *) echo "ran $*" ;; esac')
  const run = (words: readonly string[]): ReturnType<FakeMachine['setup']> => {
    const env = { PATH: bin, HOME: base, PODWRIGHT_CONTROL_GROUPS: join(base, 'cgroup') }
    const { status, stdout, stderr } = spawnSync(words[0]!, words.slice(1), { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] })
    return { code: status ?? -1, stdout, stderr }
  }
  return {
    root,
    command,
    has: (name) => existsSync(join(bin, name)),
    setup: (profile) => run([join(bin, 'sh'), join(root, 'tools/setup/setup.sh'), '--profile', profile]),
    launch: (...args) => run([join(root, 'podwright'), ...args]),
    calls() {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
      rmSync(log, { force: true })
      return lines.filter((line) => !line.startsWith('id '))
    },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  }
}

function makeClone(root: string, table: string): void {
  const setup = join(root, 'tools/setup')
  mkdirSync(setup, { recursive: true })
  const own = join(workspaceRoot, 'tools/setup')
  for (const file of readdirSync(own).filter((name) => name.endsWith('.sh'))) copyFileSync(join(own, file), join(setup, file))
  writeFileSync(join(setup, 'system-packages.table'), table)
  copyFileSync(join(workspaceRoot, 'podwright'), join(root, 'podwright'))
  mkdirSync(join(root, 'packages/cli/src'), { recursive: true })
  writeFileSync(join(root, 'packages/cli/src/main.ts'), '')
  writeFileSync(join(root, 'packages/cli/package.json'), '{}')
  writeFileSync(join(root, 'package-lock.json'), '{}')
}

function linkTool(tool: string, bin: string): void {
  const path = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim()
  // A builtin has no path.
  if (path.startsWith('/')) symlinkSync(path, join(bin, tool))
}
