import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { testUserName } from '@podwright/e2e/test-user'
import { workspaceRoot } from '../workspace/workspace.ts'
import type { Contender } from './contender.ts'

/** As whom the rootless contenders run. */
export interface BenchUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const path = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(delimiter)

/** The user that runs this, or the tests' user when that is root. */
export function benchUser(): BenchUser {
  if (process.getuid?.() !== 0) {
    const { username: name, uid, gid } = userInfo()
    return { name, uid, gid }
  }
  const id = (flag: string): number => Number(execFileSync('id', [flag, testUserName], { encoding: 'utf8' }))
  return { name: testUserName, uid: id('-u'), gid: id('-g') }
}

/** Where the rootless contenders keep things. Absolute. */
export interface BenchDirectories {
  /** Homes with their stores, on a real file system. */
  readonly stores: string
  /** Run directories; short, since Podman waits 20 s for a socket whose path is too long. */
  readonly runtime: string
}

/**
 * podwright as it was built in this workspace, rootless. A copy of the build is run, since the next build would take it away; it lies below the workspace,
 * where its npm packages are found.
 */
export function podwrightContender(user: BenchUser, directories: BenchDirectories, node: string): Contender {
  const build = buildDirectory(directories)
  cpSync(join(workspaceRoot, 'packages/cli/dist'), build, { recursive: true })
  return {
    ...rootless('podwright', user, directories),
    words: [node, join(build, 'podwright.js')],
    plainHttp: ['--tls-verify=false'],
  }
}

/** Where that copy is. */
export function buildDirectory({ stores }: BenchDirectories): string {
  return join(workspaceRoot, '.cache/bench', basename(stores))
}

/** podman, rootless; undefined when it isn't installed. */
export function podmanContender(user: BenchUser, directories: BenchDirectories): Contender | undefined {
  if (!isInstalled('podman')) return undefined
  const contender = rootless('podman', user, directories)
  // Left to itself, Podman before 5 takes its slowest driver when nothing is configured.
  const configuration = join(contender.env['HOME']!, '.config/containers')
  mkdirSync(configuration, { recursive: true })
  writeFileSync(join(configuration, 'storage.conf'), '[storage]\ndriver = "overlay"\n')
  execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, join(contender.env['HOME']!, '.config')])
  return { ...contender, words: ['podman'], plainHttp: ['--tls-verify=false'] }
}

/** podwright and podman as root, with stores of their own. */
export function rootContenders(directories: BenchDirectories, podwright: Contender, podman: Contender | undefined): Contender[] {
  return [podwright, ...(podman ? [podman] : [])].map((contender) => {
    const [store, runtime] = [join(directories.stores, `${contender.name}-root`), join(directories.runtime, `${contender.name}-root`)]
    for (const made of [store, runtime]) mkdirSync(made, { mode: 0o700 })
    const env = { PATH: path, HOME: store }
    const own = contender.name === 'podman' ? ['--storage-driver', 'overlay', '--tmpdir', join(runtime, 'tmp')] : []
    const [program, ...first] = contender.words
    const { name, plainHttp } = contender
    return {
      name,
      words: [program, ...first, '--root', store, '--runroot', runtime, ...own],
      env,
      marks: [store, runtime],
      scratch: store,
      plainHttp,
    }
  })
}

/** skopeo, which keeps nothing; undefined when it isn't installed. */
export function skopeoContender(user: BenchUser, directories: BenchDirectories): Contender | undefined {
  return isInstalled('skopeo') ? { ...rootless('skopeo', user, directories), words: ['skopeo'], plainHttp: [] } : undefined
}

/** docker, whose daemon is root's and has its things in a directory. */
export function dockerContender(host: string, directory: string): Contender {
  const env = { PATH: path, HOME: '/nonexistent' }
  return { name: 'docker', words: ['docker', '--host', host], env, marks: [directory], scratch: directory, plainHttp: [] }
}

/** Whether a command is on PATH. */
export function isInstalled(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore', env: { PATH: path } })
    return true
  } catch {
    return false
  }
}

/** A user's environment with a home and a run directory of its own, so that nothing of the user's is touched. */
function rootless(name: string, user: BenchUser, { stores, runtime: parent }: BenchDirectories): Omit<Contender, 'words' | 'plainHttp'> {
  const [home, runtime] = [join(stores, name), join(parent, name)]
  for (const made of [home, runtime]) {
    mkdirSync(made, { recursive: true, mode: 0o700 })
    chownSync(made, user.uid, user.gid)
  }
  const env = { PATH: path, HOME: home, USER: user.name, LOGNAME: user.name, XDG_RUNTIME_DIR: runtime }
  const isOther = process.getuid?.() === 0
  return { name, env, marks: [home, runtime], scratch: home, ...(isOther ? { uid: user.uid, gid: user.gid } : {}) }
}
