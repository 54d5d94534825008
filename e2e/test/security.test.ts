import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { importProbingImage, insideOf } from '../harness/probing-image.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import { type SystemCall, systemCallsMissing } from '../harness/system-call.ts'

// The rows of docs/security.md about what a process may do, each by its name.
asEachRole(({ role, sandbox }) => {
  let image = ''
  const inside = insideOf(sandbox, () => image)
  const capabilities = async (flags: string): Promise<Record<string, string>> => {
    const lines = (await inside(flags, 'grep ^Cap /proc/self/status')).split('\n')
    return Object.fromEntries(lines.map((line) => [line.slice(3, 6), line.slice(8).replace(/^0+(?=.)/, '')]))
  }
  /** What each call ends with: 0, or the number of its error. */
  const call = async (flags: string, ...calls: readonly SystemCall[]): Promise<Record<string, number>> => {
    const ends = (await inside(flags, calls.map((name) => `/calls/${name}; echo $?`).join('; '))).split('\n')
    return Object.fromEntries(calls.map((name, index) => [name, Number(ends[index])]))
  }
  const refusal = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(['create', ...words, image])
    expect(code).toBe(125)
    return stderr
  }
  const own = '800405fb'
  const all = BigInt(`0x${/^CapBnd:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`).toString(16)

  beforeAll(async () => {
    image = await importProbingImage(sandbox())
  })

  test('capabilities of root', async () => {
    expect(await capabilities('')).toEqual({ Inh: '0', Prm: own, Eff: own, Bnd: own, Amb: '0' })
    expect(await capabilities('--cap-drop all')).toEqual({ Inh: '0', Prm: '0', Eff: '0', Bnd: '0', Amb: '0' })
    expect(await capabilities('--cap-drop all --cap-add net_admin')).toMatchObject({ Eff: '1000', Bnd: '1000', Amb: '0' })
    expect(await capabilities('--cap-drop chown')).toMatchObject({ Eff: '800405fa', Bnd: '800405fa' })
    const privileged = await capabilities('--privileged')
    expect(privileged).toMatchObject({ Inh: '0', Eff: privileged['Bnd'], Amb: '0' })
    if (!role.rootless) expect(privileged['Bnd']).toBe(all)
    expect(BigInt(`0x${privileged['Bnd']}`)).toBeGreaterThan(BigInt(`0x${own}`))
    expect(await capabilities('--cap-add all')).toEqual(privileged)
  })

  test('capabilities of another user', async () => {
    expect(await capabilities('-u 1000')).toEqual({ Inh: '0', Prm: '0', Eff: '0', Bnd: own, Amb: '0' })
    expect(await capabilities('-u 1000 --cap-add net_admin')).toEqual({
      Inh: '1000',
      Prm: '1000',
      Eff: '1000',
      Bnd: '800415fb',
      Amb: '1000',
    })
    expect(await capabilities('-u 1000 --cap-drop all')).toEqual({ Inh: '0', Prm: '0', Eff: '0', Bnd: '0', Amb: '0' })
    expect(await capabilities('-u 1000 --cap-add all')).toMatchObject({ Eff: '0', Amb: '0' })
    expect(await capabilities('-u 1000 --privileged')).toMatchObject({ Inh: '0', Prm: '0', Eff: '0', Amb: '0' })
  })

  test('no new privileges', async (context) => {
    const look = 'grep ^NoNewPrivs /proc/self/status | tr -dc 01'
    expect(await inside('', look)).toBe('0')
    expect(await inside('--privileged', look)).toBe('0')
    expect(await inside('--security-opt no-new-privileges', look)).toBe('1')
    context.skip(systemCallsMissing !== undefined, systemCallsMissing)
    const setuid = '/calls/setuid; echo $?'
    expect(await inside('-u 1000', '/calls/geteuid; echo $?')).toBe(String(1000 % 256))
    expect(await inside('-u 1000', setuid)).toBe('0')
    expect(await inside('-u 1000 --security-opt no-new-privileges', setuid)).toBe(String(1000 % 256))
    await sandbox().ok(['run', '-d', '--name', 'bound', '--network', 'none', '--security-opt', 'no-new-privileges', image, 'sleep', '100'])
    expect(await sandbox().ok(['exec', '-u', '1000', 'bound', 'sh', '-c', setuid])).toBe(String(1000 % 256))
    await sandbox().ok(['rm', '-f', '-t', '0', 'bound'])
  })

  test('system calls', async (context) => {
    const mode = 'grep -w ^Seccomp /proc/self/status | tr -dc 012'
    expect(await inside('', mode)).toBe('2')
    expect(await inside('--security-opt seccomp=unconfined', mode)).toBe('0')
    expect(await inside('--privileged', mode)).toBe('0')
    await sandbox().ok(['run', '-d', '--name', 'filtered', '--network', 'none', image, 'sleep', '100'])
    expect(await sandbox().ok(['exec', 'filtered', 'sh', '-c', mode])).toBe('2')
    await sandbox().ok(['rm', '-f', '-t', '0', 'filtered'])
    context.skip(systemCallsMissing !== undefined, systemCallsMissing)
    const [notPermitted, notImplemented] = [1, 38]
    const refused = ['acct', 'bpf', 'init_module', 'iopl', 'kexec_load', 'move_pages', 'open_by_handle_at', 'perf_event_open'] as const
    const more = ['settimeofday', 'swapon', 'userfaultfd'] as const
    const unknown = ['add_key', 'io_uring_setup', 'unheard_of'] as const
    expect(await call('', ...refused, ...more)).toEqual(Object.fromEntries([...refused, ...more].map((name) => [name, notPermitted])))
    expect(await call('', ...unknown)).toEqual(Object.fromEntries(unknown.map((name) => [name, notImplemented])))
    // A capability opens the calls that need it, and the kernel decides.
    expect(await call('--cap-add sys_admin,dac_read_search', 'bpf', 'open_by_handle_at', 'move_pages')).toEqual({
      bpf: role.rootless ? expect.any(Number) : 22,
      open_by_handle_at: 14,
      move_pages: notPermitted,
    })
    for (const flags of ['--security-opt seccomp=unconfined', '--privileged']) {
      expect(await call(flags, 'move_pages', 'add_key')).toEqual({ move_pages: 0, add_key: 14 })
    }
  })

  test('a filter of one’s own', async (context) => {
    const write = (name: string, text: string): string => {
      const path = join(sandbox().home, name)
      writeFileSync(path, text)
      chownSync(path, role.uid, role.gid)
      return path
    }
    const profile = write(
      'profile.json',
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }],
      }),
    )
    const make = 'mkdir /made 2>&1 || echo refused'
    expect(await inside(`--security-opt seccomp=${profile}`, make)).toMatch(/Permission denied\nrefused$/)
    expect(await inside(`--privileged --security-opt seccomp=${profile}`, make)).toMatch(/refused$/)
    const { code, stderr } = await sandbox().podwright([
      'run',
      '--rm',
      '--security-opt',
      `seccomp=${write('broken.json', '{}')}`,
      image,
      'true',
    ])
    expect([code, stderr]).toEqual([125, expect.stringContaining('broken.json')])

    const policy = ['run', '--rm', '--network', 'none', '--seccomp-policy', 'image']
    const without = await sandbox().podwright([...policy, image, 'true'])
    expect(without).toMatchObject({ code: 125, stderr: expect.stringContaining('no seccomp policy defined by image') })
    const label = `io.containers.seccomp.profile='${readFileSync(profile, 'utf8')}'`
    await sandbox().ok(['create', '--name', 'bare', image, 'true'])
    await sandbox().ok(['commit', '-q', '--change', `LABEL ${label}`, 'bare', 'with-profile'])
    expect((await sandbox().podwright([...policy, 'with-profile', 'sh', '-c', make])).stdout).toMatch(/Permission denied\nrefused\n$/)
    expect(await sandbox().ok(['run', '--rm', '--network', 'none', '--seccomp-policy', 'default', 'with-profile', 'sh', '-c', make])).toBe(
      '',
    )
    const both = await sandbox().podwright([...policy, '--security-opt', 'seccomp=unconfined', 'with-profile', 'true'])
    expect(both).toMatchObject({ code: 125, stderr: expect.stringContaining('contradict each other') })
    await sandbox().ok(['create', '--name', 'told', '--seccomp-policy', 'image', 'with-profile', 'true'])
    expect(await sandbox().ok(['describe', 'told'])).toContain('--seccomp-policy image')
    await sandbox().ok(['rm', 'bare', 'told'])

    context.skip(systemCallsMissing !== undefined, systemCallsMissing)
    expect(await call(`--security-opt seccomp=${profile}`, 'mkdir', 'move_pages')).toEqual({ mkdir: 13, move_pages: 0 })
  })

  test('user namespace', async () => {
    const map = (await inside('', 'cat /proc/self/uid_map')).trim().split(/\s+/).map(Number)
    const outside = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).map(Number)
    if (!role.rootless) expect(map).toEqual(outside)
    else expect(map.slice(0, 4)).toEqual([0, role.uid, 1, 1])
    // Whom the container calls root owns, on the host, what the user owns.
    expect(await inside(`-v ${sandbox().home}:/home`, 'stat -c %u /home')).toBe('0')
    expect(await inside('--privileged', 'cat /proc/self/uid_map')).toBe(await inside('', 'cat /proc/self/uid_map'))
  })

  test('AppArmor', async (context) => {
    expect(await refusal('--security-opt', 'apparmor=some-profile')).toContain('apparmor=some-profile')
    const hasAppArmor = existsSync('/sys/kernel/security/apparmor/profiles')
    context.skip(!hasAppArmor, 'needs AppArmor')
    expect(await inside('', 'cat /proc/self/attr/current')).toBe(readFileSync('/proc/self/attr/current', 'utf8').trim())
  })

  test('SELinux', async (context) => {
    expect(await refusal('--security-opt', 'label=type:some_t')).toContain('label=type:some_t')
    context.skip(!existsSync('/sys/fs/selinux/enforce'), 'needs SELinux')
    expect(await inside('--security-opt label=disable', 'cat /proc/self/attr/current')).not.toBe('')
  })
})
