import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, inject, test } from 'vitest'
import { makeImage } from '../harness/image.ts'
import { pushImage } from '../harness/registry.ts'
import { asEachRole } from '../harness/roles-suite.ts'

// A whole distribution: package scripts, set-id programs, thousands of files, and a libc that is not ours.
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-debian-'))
  try {
    const archive = join(directory, 'debian.tar')
    execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', 'bookworm', archive], { stdio: ['ignore', 'ignore', 'inherit'] })
    const image = makeImage({ layers: [readFileSync(archive)], config: { Cmd: ['bash'], Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] } })
    await pushImage(inject('registry'), 'debian', '1', image)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}, 600_000)

asEachRole(({ sandbox }) => {
  const debian = `${inject('registry')}/debian:1`
  const run = (...command: readonly string[]): Promise<string> => sandbox().ok(['run', '--rm', debian, ...command])

  test('is pulled, and runs', { timeout: 300_000 }, async () => {
    await sandbox().ok(['pull', '--tls-verify=false', debian], { timeoutMs: 240_000 })
    expect(await run('cat', '/etc/os-release')).toContain('PRETTY_NAME="Debian GNU/Linux')
    expect(await run('sh', '-c', 'exit 0')).toBe('')
  })

  test('every file that a package brought is as the package says', { timeout: 180_000 }, async () => {
    expect(await run('dpkg', '--audit')).toBe('')
    expect(await run('sh', '-c', 'dpkg --verify | grep -v " c /" || true')).toBe('')
  })

  test('owners and set-id bits are there', async () => {
    expect(await run('stat', '-c', '%a %U:%G', '/usr/bin/passwd', '/tmp', '/var/mail', '/etc/shadow')).toBe(
      ['4755 root:root', '1777 root:root', '2775 root:mail', '640 root:shadow'].join('\n'),
    )
  })

  test('a user of the image can be become', async () => {
    expect(await sandbox().ok(['run', '--rm', '-u', 'nobody', debian, 'id', '-un'])).toBe('nobody')
    expect(await run('su', '-s', '/bin/sh', '-c', 'id -un', 'www-data')).toBe('www-data')
  })
})
