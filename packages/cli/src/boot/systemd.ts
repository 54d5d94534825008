import { existsSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bootArguments, type BootHost, readIfThere } from './host.ts'

/** The one unit of a user. */
const unitName = 'podwright-restart.service'

/** Whether systemd is this host's init. */
export function hasSystemd(host: BootHost): boolean {
  return existsSync(host.systemdRuntime)
}

/** Absolute path of the unit. */
export function unitPath(host: BootHost): string {
  return join(host.unitDirectory, unitName)
}

/** `masked`: its user wants none. */
export function unitState(host: BootHost): 'enabled' | 'disabled' | 'masked' {
  if (isLink(unitPath(host)) && readlinkSync(unitPath(host)) === '/dev/null') return 'masked'
  return isLink(wantsPath(host)) && readIfThere(unitPath(host)) !== undefined ? 'enabled' : 'disabled'
}

/** Has systemd start the unit at the next boot, or at the next login of a user who does not linger. */
export function enableUnit(host: BootHost): void {
  mkdirSync(dirname(wantsPath(host)), { recursive: true })
  replaceFile(unitPath(host), (path) => {
    writeFileSync(path, unitText(host))
  })
  replaceFile(wantsPath(host), (path) => {
    symlinkSync(join('..', unitName), path)
  })
}

/** Undoes it, and keeps it from being enabled by the way. */
export function maskUnit(host: BootHost): void {
  mkdirSync(host.unitDirectory, { recursive: true })
  rmSync(wantsPath(host), { force: true })
  replaceFile(unitPath(host), (path) => {
    symlinkSync('/dev/null', path)
  })
}

/** Whether the user's units are started at boot, and not at the first login. */
export function lingers(host: BootHost): boolean {
  return host.uid === 0 || existsSync(join(host.lingerDirectory, host.userName))
}

/** The unit as systemd.service(5) has it. The containers and their monitors outlive it. */
export function unitText(host: BootHost): string {
  return `[Unit]
Description=Start containers that have a restart policy
Documentation=man:podwright-start(1)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
KillMode=process
ExecStart=${[...host.podwright, ...bootArguments].map(quote).join(' ')}

[Install]
WantedBy=${wantedBy(host)}
`
}

function wantedBy({ uid }: BootHost): string {
  return uid === 0 ? 'multi-user.target' : 'default.target'
}

function wantsPath(host: BootHost): string {
  return join(host.unitDirectory, `${wantedBy(host)}.wants`, unitName)
}

/** A word of a command line: systemd.syntax(7), systemd.service(5). */
function quote(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@./:=+,%$-]+$/.test(plain) ? plain : `"${plain.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** In one step. */
function replaceFile(path: string, make: (path: string) => void): void {
  const temporary = `${path}.${process.pid}`
  rmSync(temporary, { force: true })
  make(temporary)
  renameSync(temporary, path)
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}
