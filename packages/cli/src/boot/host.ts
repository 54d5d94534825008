import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** What of a host and its user decides how containers are started after a reboot. Paths are absolute. */
export interface BootHost {
  readonly uid: number
  readonly userName: string
  /** Whether the environment's home is the one that a boot knows of. */
  readonly isOwnHome: boolean
  /** Where systemd, when it is the init, has its runtime files. */
  readonly systemdRuntime: string
  /** Where units of this user lie, or the machine's when it is root. */
  readonly unitDirectory: string
  /** Where logind notes who lingers. */
  readonly lingerDirectory: string
  /** Where programs are looked for. */
  readonly path: string
  /** The program and arguments that are podwright. */
  readonly podwright: readonly string[]
}

/** This process's. */
export function ownBootHost(env: Readonly<Record<string, string | undefined>>): BootHost {
  const { uid, username, homedir } = userInfo()
  const home = env['HOME'] ?? homedir
  const config = env['XDG_CONFIG_HOME']
  const userConfig = config !== undefined && isAbsolute(config) ? config : join(home, '.config')
  return {
    uid,
    userName: username,
    isOwnHome: home === homedir,
    systemdRuntime: '/run/systemd/system',
    unitDirectory: uid === 0 ? '/etc/systemd/system' : join(userConfig, 'systemd/user'),
    lingerDirectory: '/var/lib/systemd/linger',
    path: env['PATH'] ?? '/usr/bin:/bin',
    podwright: [process.execPath, '--', process.argv[1] ?? ''],
  }
}

/** The text of a file; undefined when it is not there. */
export function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** What is run after a reboot. Listing the containers brings back those that nobody had stopped; these come back even so. */
export const bootArguments: readonly string[] = ['start', '--all', '--filter', 'restart-policy=always']
