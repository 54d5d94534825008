import type { UserNamespaceFacts } from '@podwright/linux'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { appArmorHelperPath } from '../src/app-armor.ts'
import { diagnoseUserNamespaces, type DiagnoseOptions, type UsernsFinding } from '../src/diagnostics.ts'
import { skipUnless } from './fixtures/skip.ts'

const noRoot = skipUnless(process.geteuid?.() === 0, 'making set-user-id programs takes root')
const noHelper = skipUnless(!existsSync(appArmorHelperPath), `${appArmorHelperPath} is there, so that AppArmor's restriction is lifted`)

const fine: UserNamespaceFacts = {
  supported: true,
  maximum: 1000,
  unprivilegedClone: undefined,
  appArmorRestricted: undefined,
  allowed: true,
}

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-diagnose-'))
  writeFileSync(join(directory, 'subuid'), 'alice:100000:65536\nbob:165536:65536\nshort:231072:100\n')
  writeFileSync(join(directory, 'subgid'), 'alice:100000:65536\nbob:165536:70000\nshort:231072:100\n')
  writeFileSync(join(directory, 'nsswitch.conf'), '')
})
afterEach(() => rmSync(directory, { recursive: true }))

function diagnose(options: DiagnoseOptions, id: string): UsernsFinding | undefined {
  const paths = {
    subuidPath: join(directory, 'subuid'),
    subgidPath: join(directory, 'subgid'),
    nsswitchPath: join(directory, 'nsswitch.conf'),
  }
  const user = { uid: 1234, name: 'alice' }
  return diagnoseUserNamespaces({ facts: fine, user, ...paths, ...options }).find((finding) => finding.id === id)
}

describe('the kernel', () => {
  test.each([
    ['none', { supported: false }, /CONFIG_USER_NS/],
    ['forbidden by number', { maximum: 0 }, /sysctl -w user.max_user_namespaces=28633$/],
    ['forbidden to plain users', { unprivilegedClone: false }, /sysctl -w kernel.unprivileged_userns_clone=1$/],
  ])('%s', (_, facts, fix) => {
    const finding = diagnose({ facts: { ...fine, ...facts } }, 'user-namespaces')
    expect(finding).toMatchObject({ status: 'error', code: 'ERR_USERNS_DISABLED', fix: expect.stringMatching(fix) })
  })

  test('allows', () => {
    expect(diagnose({}, 'user-namespaces')).toMatchObject({ status: 'ok', found: 'allowed, at most 1000' })
    expect(diagnose({}, 'apparmor-userns')).toBeUndefined()
  })

  test.skipIf(noHelper)("AppArmor's restriction comes with commands that lift it for one program", () => {
    const finding = diagnose({ facts: { ...fine, appArmorRestricted: true } }, 'apparmor-userns')
    expect(finding).toMatchObject({ status: 'error', code: 'ERR_USERNS_APPARMOR' })
    expect(finding?.fix).toContain(`install -D -m 0755 "$(command -v unshare)" ${appArmorHelperPath}`)
    expect(finding?.fix).toContain('sysctl -w kernel.apparmor_restrict_unprivileged_userns=0')
    const profile = execFileSync('sh', ['-c', /^printf .*(?= \| sudo)/m.exec(finding?.fix ?? '')?.[0] ?? ''], { encoding: 'utf8' })
    expect(profile).toMatch(/profile podwright \S+ flags=\(unconfined\) \{\n {2}userns,\n\}\n$/)
  })
})

describe('ranges', () => {
  test('that suffice', () => {
    expect(diagnose({}, 'subuid')).toMatchObject({ status: 'ok', found: '100000-165535' })
    expect(diagnose({}, 'subgid')).toMatchObject({ status: 'ok' })
  })

  test('that are missing come with the command that lends the next free one', () => {
    const finding = diagnose({ user: { uid: 9, name: 'carol' } }, 'subuid')
    const fix = 'sudo usermod --add-subuids 235536-301071 --add-subgids 235536-301071 carol'
    expect(finding).toMatchObject({ status: 'error', code: 'ERR_USERNS_NO_SUBIDS', fix })
    writeFileSync(join(directory, 'subuid'), '')
    writeFileSync(join(directory, 'subgid'), '')
    expect(diagnose({ user: { uid: 9, name: 'carol' } }, 'subgid')?.fix).toBe(
      'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 carol',
    )
  })

  test('that are small', () => {
    expect(diagnose({ user: { uid: 9, name: 'short' } }, 'subuid')).toMatchObject({
      status: 'warning',
      found: expect.stringMatching(/: 100 ids/),
    })
  })

  test('from a directory service', () => {
    writeFileSync(join(directory, 'nsswitch.conf'), 'subid: sss\n')
    expect(diagnose({ user: { uid: 9, name: undefined } }, 'subuid')?.fix).toMatch(/subid: sss/)
  })
})

describe('newuidmap', () => {
  const at = (path: string | undefined): DiagnoseOptions => ({ find: () => path })

  test('missing', () => {
    expect(diagnose(at(undefined), 'newuidmap')).toMatchObject({
      code: 'ERR_USERNS_NEWUIDMAP_MISSING',
      fix: expect.stringMatching(/uidmap|shadow/),
    })
  })

  test('without a privilege', () => {
    const path = join(directory, 'newuidmap')
    copyFileSync('/bin/true', path)
    chmodSync(path, 0o755)
    expect(diagnose(at(path), 'newgidmap')).toMatchObject({
      code: 'ERR_USERNS_NEWUIDMAP_NOT_PRIVILEGED',
      fix: expect.stringMatching(/chmod u\+s|remount,suid/),
    })
  })

  test.skipIf(noRoot)('set-user-id, with file capabilities, and on a nosuid mount', () => {
    const mount = join(directory, 'mount')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mount])
    try {
      const path = join(mount, 'newuidmap')
      copyFileSync('/bin/true', path)
      chownSync(path, 0, 0)
      chmodSync(path, 0o4755)
      expect(diagnose(at(path), 'newuidmap')).toMatchObject({ status: 'ok', found: expect.stringMatching(/set-user-id/) })
      chmodSync(path, 0o755)
      execFileSync('setfattr', ['-n', 'security.capability', '-v', '0x0100000280000000000000000000000000000000', path])
      expect(diagnose(at(path), 'newuidmap')).toMatchObject({ status: 'ok', found: expect.stringMatching(/file capabilities/) })
      execFileSync('mount', ['-o', 'remount,nosuid', mount])
      expect(diagnose(at(path), 'newuidmap')).toMatchObject({
        code: 'ERR_USERNS_NEWUIDMAP_NOT_PRIVILEGED',
        fix: `sudo mount -o remount,suid ${mount}`,
      })
    } finally {
      execFileSync('umount', [mount])
    }
  })
})
