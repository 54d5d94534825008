import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { enableBootStart, readBootStart, turnBootStartOff } from '../../src/boot/boot-start.ts'
import type { BootHost } from '../../src/boot/host.ts'
import { bootText } from '../../src/boot/tell-boot.ts'

let directory: string
let host: BootHost

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pw-boot-'))
  host = {
    uid: 1000,
    userName: 'alice',
    isOwnHome: true,
    systemdRuntime: join(directory, 'run-systemd'),
    unitDirectory: join(directory, 'config/systemd/user'),
    lingerDirectory: join(directory, 'linger'),
    path: join(directory, 'bin'),
    podwright: ['/usr/bin/node', '--', '/opt/pod wright/100%/podwright.js'],
  }
  mkdirSync(host.path)
})

afterEach(() => {
  rmSync(directory, { recursive: true })
})

/** A crontab(1) that keeps its text in a file, and ends with 1 while there is none. */
function installCrontab(): string {
  const table = join(directory, 'table')
  const program = join(host.path, 'crontab')
  writeFileSync(program, `#!/bin/sh\nif [ "$1" = -l ]; then exec cat ${table}; fi\ncat > ${table}\n`)
  chmodSync(program, 0o755)
  return table
}

describe('with systemd', () => {
  beforeEach(() => {
    mkdirSync(host.systemdRuntime)
  })

  it('a unit is enabled as systemctl does it', () => {
    expect(readBootStart(host)).toMatchObject({ by: 'systemd', state: 'disabled' })
    const found = enableBootStart(host)
    expect(found).toEqual({ by: 'systemd', state: 'enabled', atBoot: false, where: join(host.unitDirectory, 'podwright-restart.service') })
    expect(readlinkSync(join(host.unitDirectory, 'default.target.wants/podwright-restart.service'))).toBe('../podwright-restart.service')
    expect(readFileSync(found.where, 'utf8')).toContain(
      'ExecStart=/usr/bin/node -- "/opt/pod wright/100%%/podwright.js" start --all --filter restart-policy=always\n',
    )
    expect(bootText(found, host)).toContain('loginctl enable-linger alice')
  })

  it('the unit is one that systemd can read', ({ skip }) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) skip('systemd-analyze is not installed')
    const own = { ...host, podwright: [process.execPath, '--', join(directory, 'a $HOME "b" %h.js')] }
    const { where } = enableBootStart(own)
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', where], { encoding: 'utf8' })
    expect(stderr.split('\n').filter((line) => line.includes('podwright-restart'))).toEqual([])
    expect(status).toBe(0)
  })

  it('the machine has a unit of its own, for its users none is waited for', () => {
    const found = enableBootStart({ ...host, uid: 0 })
    expect(found.atBoot).toBe(true)
    expect(existsSync(join(host.unitDirectory, 'multi-user.target.wants/podwright-restart.service'))).toBe(true)
  })

  it('who lingers need not log in', () => {
    mkdirSync(host.lingerDirectory)
    writeFileSync(join(host.lingerDirectory, 'alice'), '')
    const found = enableBootStart(host)
    expect(found.atBoot).toBe(true)
    expect(bootText(found, host)).not.toContain('linger')
  })

  it('what was turned on is turned off for good, and on again', () => {
    enableBootStart(host)
    expect(turnBootStartOff(host)).toMatchObject({ state: 'off' })
    expect(existsSync(join(host.unitDirectory, 'default.target.wants/podwright-restart.service'))).toBe(false)
    expect(enableBootStart(host)).toMatchObject({ state: 'enabled' })
  })
})

describe('with a crontab alone', () => {
  it('a line is added, and the others stay', () => {
    const table = installCrontab()
    writeFileSync(table, 'MAILTO=""\n\n5 4 * * * backup\n')
    expect(enableBootStart(host)).toEqual({ by: 'cron', state: 'enabled', atBoot: true, where: 'crontab' })
    enableBootStart(host)
    expect(readFileSync(table, 'utf8')).toBe(
      String.raw`MAILTO=""

5 4 * * * backup
@reboot /usr/bin/node -- '/opt/pod wright/100\%/podwright.js' start --all --filter restart-policy=always # podwright-restart
`,
    )
    expect(turnBootStartOff(host)).toMatchObject({ state: 'off' })
    expect(readFileSync(table, 'utf8')).toBe('MAILTO=""\n\n5 4 * * * backup\n# podwright-restart: off\n')
    expect(enableBootStart(host)).toMatchObject({ state: 'enabled' })
  })

  it('who has none yet gets one', () => {
    installCrontab()
    expect(readBootStart(host)).toMatchObject({ by: 'cron', state: 'disabled' })
    expect(enableBootStart(host)).toMatchObject({ state: 'enabled' })
  })

  it('a crontab that its user may not change is an error that says so', () => {
    const program = join(host.path, 'crontab')
    writeFileSync(program, '#!/bin/sh\necho "You (alice) are not allowed to use this program (crontab)" >&2; exit 1\n')
    chmodSync(program, 0o755)
    expect(() => enableBootStart(host)).toThrow(/cannot change the crontab: You \(alice\) are not allowed/)
  })
})

it('with neither, nothing is made, and it is said', () => {
  const found = enableBootStart(host)
  expect(found).toMatchObject({ by: 'none', state: 'disabled' })
  expect(bootText(found, host)).toContain('the first podwright ps starts')
  expect(existsSync(host.unitDirectory)).toBe(false)
})
