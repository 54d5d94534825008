import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const run = (flags: string, script: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
    sandbox().ok(['run', '--rm', '--network', 'none', ...flags.split(' ').filter(Boolean), busybox, 'sh', '-c', script], { env })
  const refusal = async (flags: string): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(['create', ...flags.split(' '), busybox])
    expect(code, flags).toBe(125)
    return stderr
  }

  beforeAll(async () => {
    await sandbox().ok(['pull', '-q', busybox])
  })

  test('names: /etc/hosts and /etc/resolv.conf', async () => {
    const hosts = await run('--add-host web:10.1.2.3,six:::1 --add-host v6:[fe80::1]', 'cat /etc/hosts')
    expect(hosts.split('\n').slice(0, 3)).toEqual(['10.1.2.3\tweb', '::1\tsix', 'fe80::1\tv6'])
    expect(await run('--no-hosts', 'cat /etc/hosts 2>&1 || true')).toContain('No such file')
    expect(
      await run('--network host --dns 10.0.0.1 --dns 10.0.0.2 --dns-search a.example,b.example --dns-opt ndots:3', 'cat /etc/resolv.conf'),
    ).toBe('search a.example b.example\nnameserver 10.0.0.1\nnameserver 10.0.0.2\noptions ndots:3')
    expect(await run('--network host --dns none', 'cat /etc/resolv.conf 2>&1 || true')).toContain('No such file')
    expect(await refusal('--add-host web:host-gateway')).toMatch(/--add-host web:host-gateway: without bridges/)
    expect(await refusal('--add-host web:nowhere')).toContain('nowhere is not an IP address')
    expect(await refusal('--no-hosts --add-host web:10.1.2.3')).toContain('--no-hosts and --add-host cannot be set together')
    expect(await refusal('--dns nowhere')).toContain('nowhere is not an IP address')
    expect(await refusal('--network none --dns 10.0.0.1')).toContain('the network none')
    expect(await refusal('--dns none --dns 10.0.0.1')).toContain('--dns none')
    expect(await refusal('--dns-search . --dns-search a')).toContain("'.'")
  })

  test('the process: groups, umask, OOM score, execution domain, init', async () => {
    expect(await run('--group-add staff,77', 'id -G')).toMatch(/^0 50 77$/)
    expect(await run('--umask 27', 'umask')).toBe('0027')
    expect(await run('--oom-score-adj 700', 'cat /proc/self/oom_score_adj')).toBe('700')
    if (role.rootless) expect(await refusal('--oom-score-adj -900')).toContain('cannot set the OOM score to -900')
    expect(await run('--personality LINUX32', 'uname -m')).not.toBe(await run('', 'uname -m'))
    expect(await run('--init', 'tr "\\0" " " < /proc/1/cmdline; cat /proc/1/comm')).toMatch(/^\/run\/podwright-init -- sh -c /)
    expect(await refusal('--umask 9')).toContain('--umask')
    expect(await refusal('--group-add keep-groups --group-add 1')).toContain('keep-groups')
    expect(await refusal('--init-path /nowhere/init')).toContain('/nowhere/init')
    expect((await sandbox().podwright(['run', '--rm', '--group-add', 'nobody-has-it', busybox])).stderr).toContain('nobody-has-it')
    // Those that this test has, whatever they are; inside, what is not mapped goes by one number.
    const kept = await sandbox().podwright(['run', '--rm', '--network', 'none', '--group-add', 'keep-groups', busybox, 'id', '-G'])
    expect(kept.stdout + kept.stderr).toMatch(/^[\d ]+\n$/)
  })

  test('the time zone', async () => {
    expect(await run('--tz Asia/Tokyo', 'date +%z')).toBe('+0900')
    expect(await refusal('--tz Nowhere/City')).toContain('the time zone Nowhere/City')
    expect(await refusal('--tz ../../../etc/shadow')).toContain('it is not a name')
  })

  test('variables of the host, of the image, of nobody', async () => {
    const host = { FROM_HOST: 'h', HTTPS_PROXY: 'http://proxy:1' }
    expect(await run('', 'env', host)).toMatch(/^HTTPS_PROXY=http:\/\/proxy:1$/m)
    expect(await run('', 'env', host)).not.toContain('FROM_HOST')
    expect(await run('--http-proxy=false', 'env', host)).not.toContain('PROXY')
    expect(await run('--env-host -e HTTPS_PROXY=mine', 'env', host)).toMatch(
      /^HTTPS_PROXY=mine$[^]*^FROM_HOST=h$|^FROM_HOST=h$[^]*^HTTPS_PROXY=mine$/m,
    )
    const without = await run('--unsetenv FROM_IMAGE --unsetenv container --unsetenv KEPT -e KEPT=1', 'env')
    expect(without).toMatch(/^KEPT=1$/m)
    expect(without).not.toMatch(/^(FROM_IMAGE|container)=/m)
    const all = await sandbox().ok(['run', '--rm', '--network', 'none', '--unsetenv-all', '-e', 'X=1', busybox, '/bin/env'])
    expect(
      all
        .split('\n')
        .map((line) => line.replace(/=.*/, ''))
        .toSorted(),
    ).toEqual(['HOME', 'HOSTNAME', 'X'])
  })

  test('--pidfile, --timeout, and what inspect tells', async () => {
    const pidFile = join(sandbox().home, 'the.pid')
    const flags = `--pidfile ${pidFile} --timeout 60 --umask 0077 --tz local --add-host a:10.0.0.1 --group-add 7 --annotation a=b=c --init`
    await sandbox().ok(['run', '-d', '--name', 'told', '--network', 'none', ...flags.split(' '), busybox, 'sleep', '100'])
    const [told] = JSON.parse(await sandbox().ok(['inspect', 'told']))
    expect(Number(readFileSync(pidFile, 'utf8'))).toBe(told.State.Pid)
    expect(told).toMatchObject({
      PidFile: pidFile,
      Config: { Umask: '0077', Timeout: 60, Timezone: 'local', Annotations: { a: 'b=c' } },
      HostConfig: { ExtraHosts: ['a:10.0.0.1'], GroupAdd: ['7'], Init: true, Dns: [] },
    })
    expect(told.Config.CreateCommand).toContain('--pidfile')
    await sandbox().ok(['restart', '-t', '0', 'told'])
    expect(readFileSync(pidFile, 'utf8')).toBe(await sandbox().ok(['inspect', 'told', '--format', '{{.State.Pid}}']))
    await sandbox().ok(['rm', '-f', '-t', '0', 'told'])
    // conmon's own code for a container that it has killed.
    expect((await sandbox().podwright(['run', '--rm', '--network', 'none', '--timeout', '1', busybox, 'sleep', '100'])).code).toBe(255)
    expect(await refusal('--timeout -1')).toContain('--timeout')
  })
})
