import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject } from 'vitest'
import { mountsBelow, processesOf, untilNothing } from './leftovers.ts'
import { asRole, type Role } from './role.ts'
import { type RunningCommand, type RunOptions, type RunResult, start } from './run.ts'
import { openTerminal, type Terminal } from './terminal.ts'

/** A role with directories of its own: images, containers, sockets, configuration, home. */
export interface Sandbox extends AsyncDisposable {
  readonly role: Role
  /** Absolute; owned by the role. */
  readonly directory: string
  /** Below it. */
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  /** Runs podwright to its end. */
  podwright(args: readonly string[], options?: RunOptions): Promise<RunResult>
  /** As `podwright`; fails unless it exits with 0. Resolves with its stdout, trimmed. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>
  start(args: readonly string[], options?: RunOptions): RunningCommand
  terminal(args: readonly string[], env?: Readonly<Record<string, string>>): Terminal
  /** The words that run podwright here as the role: for a test that puts others before them. */
  words(args: readonly string[]): string[]
}

/** Makes a sandbox. Disposing it removes its containers, and fails when processes or mounts of it are left. */
export function createSandbox(role: Role): Sandbox {
  // Short: a Unix socket's path has 107 bytes.
  const directory = mkdtempSync(join(tmpdir(), 'pw-'))
  const home = join(directory, 'home')
  const runtime = join(directory, 'run')
  for (const path of [directory, home, runtime]) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    chownSync(path, role.uid, role.gid)
  }
  // The registry of the tests speaks plain HTTP; a registry of a test's own is named with --tls-verify=false.
  const registries = join(directory, 'registries.conf')
  writeFileSync(registries, `[[registry]]\nlocation = "${inject('registry')}"\ninsecure = true\n`)
  const installation = inject('installation')
  // What V8 makes of the command's code: made anew in each sandbox, it would be a fifth of all work.
  const compiled = join(installation.directory, `compiled-${role.uid}`)
  mkdirSync(compiled, { recursive: true, mode: 0o700 })
  chownSync(compiled, role.uid, role.gid)
  const env = {
    HOME: home,
    NODE_COMPILE_CACHE: compiled,
    USER: role.userName,
    LOGNAME: role.userName,
    PATH: `${dirname(installation.node)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    LANG: 'C.UTF-8',
    XDG_RUNTIME_DIR: runtime,
    CONTAINERS_REGISTRIES_CONF: registries,
    PODWRIGHT_E2E_SANDBOX: directory,
  }
  const own = ['--root', join(home, 'store'), '--runroot', join(runtime, 'podwright')]
  const words = (args: readonly string[]): string[] => [...asRole(role), installation.node, '--', installation.entry, ...own, ...args]
  const podwright = (args: readonly string[], options?: RunOptions): Promise<RunResult> => start(words(args), env, options).result

  return {
    role,
    directory,
    home,
    env,
    words,
    podwright,
    async ok(args, options) {
      const { code, stdout, stderr } = await podwright(args, options)
      if (code !== 0) throw new Error(`podwright ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`)
      return stdout.trim()
    },
    start: (args, options) => start(words(args), env, options),
    terminal: (args, more) => openTerminal(words(args), { ...env, ...more }),
    async [Symbol.asyncDispose]() {
      const removal = await podwright(['rm', '-f', '-a', '-t', '0'])
      const left = await untilNothing(() => processesOf(directory).filter(({ pid }) => !pausePids(directory).includes(pid)))
      for (const pid of [...pausePids(directory), ...left.map((process) => process.pid)]) kill(pid)
      await untilNothing(() => processesOf(directory))
      const mounts = mountsBelow(directory)
      for (const mount of mounts.toReversed()) execFileSync('umount', ['-l', mount])
      removeTree(directory, role)
      if (removal.code !== 0) throw new Error(`the containers can't be removed: ${removal.stderr}`)
      if (left.length > 0) throw new Error(`processes are left: ${left.map(({ pid, command }) => `${pid} ${command}`).join('\n')}`)
      if (mounts.length > 0) throw new Error(`mounts are left: ${mounts.join('\n')}`)
    },
  }
}

/** The process that holds a plain user's namespaces stays on purpose, one a user; its record says which it is. */
function pausePids(directory: string): number[] {
  return filesNamed(join(directory), 'pause.json').flatMap((file) => {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { readonly pid: number }).pid
    } catch {
      return []
    }
  })
}

function filesNamed(directory: string, name: string, depth = 5): string[] {
  if (depth === 0 || !existsSync(directory)) return []
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name)
      if (entry.isDirectory() && entry.name !== 'layers') return filesNamed(path, name, depth - 1)
      return entry.name === name ? [path] : []
    })
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}

/** Files of mapped users belong to nobody that a plain user can be outside of a namespace. */
function removeTree(directory: string, role: Role): void {
  if (role.rootless && process.getuid?.() !== 0) {
    execFileSync('unshare', ['--user', '--map-auto', '--map-root-user', 'rm', '-rf', directory])
    return
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 10 })
}
