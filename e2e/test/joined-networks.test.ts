import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)

  test('a container in the network of another one reaches it by loopback, and has its names', async () => {
    const serve = 'mkdir /srv; echo here > /srv/index.html; exec httpd -f -p 80 -h /srv'
    await ok(
      'run',
      '-d',
      '--name',
      'first',
      '--network',
      'none',
      '--add-host',
      'db:10.1.2.3',
      '--stop-timeout',
      '0',
      busybox,
      'sh',
      '-c',
      serve,
    )
    const join = ['--network', 'container:first']
    const look = 'until wget -qO- http://127.0.0.1/; do sleep 0.1; done; readlink /proc/self/ns/net; grep db /etc/hosts'
    const [page, namespace, host] = (await ok('run', '--rm', ...join, busybox, 'sh', '-c', look)).split('\n')
    expect(page).toBe('here')
    expect(namespace).toBe(await ok('exec', 'first', 'readlink', '/proc/self/ns/net'))
    expect(host).toMatch(/^10\.1\.2\.3\s+db$/)

    await ok('create', '--name', 'second', ...join, busybox, 'true')
    const id = await ok('inspect', 'first', '--format', '{{.Id}}')
    expect(await ok('inspect', 'second', '--format', '{{.HostConfig.NetworkMode}} {{json .NetworkSettings.Networks}}')).toBe(
      `container:${id} {}`,
    )
    await ok('rename', 'first', 'renamed')
    await ok('start', 'second')
    await ok('stop', 'renamed')
    const late = await sandbox().podwright(['start', 'second'])
    expect(late).toMatchObject({ code: 125, stderr: expect.stringContaining('cannot join the network of renamed: it is exited') })
    await ok('rm', 'renamed', 'second')
  })

  test('what makes no sense in it is refused, or warned of', async () => {
    const { code, stderr } = await sandbox().podwright(['run', '--rm', '--network', 'container:nobody', busybox, 'true'])
    expect({ code, stderr }).toMatchObject({ code: 125, stderr: expect.stringContaining('nobody') })
    await ok('run', '-d', '--name', 'other', '--network', 'none', '--stop-timeout', '0', busybox, 'sleep', '60')
    const join = ['--network', 'container:other']
    const dns = await sandbox().podwright(['run', '--rm', ...join, '--dns', '1.1.1.1', busybox, 'true'])
    expect(dns).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('name servers cannot be set in the network of another container'),
    })
    const sysctl = await sandbox().podwright(['run', '--rm', ...join, '--sysctl', 'net.ipv4.ip_forward=1', busybox, 'true'])
    expect(sysctl.code).toBe(125)
    const ports = await sandbox().podwright(['run', '--rm', ...join, '-p', '1:80', busybox, 'true'])
    expect(ports).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('no ports are published: the network is that of another container'),
    })
    await ok('rm', '-f', 'other')
  })

  if (!role.rootless) {
    test('a namespace that somebody has made', async () => {
      const name = `podwright-e2e-${process.pid}`
      execFileSync('ip', ['netns', 'add', name])
      try {
        const path = `/run/netns/${name}`
        const inside = await ok('run', '--rm', '--network', `ns:${path}`, busybox, 'readlink', '/proc/self/ns/net')
        expect(inside).toBe(execFileSync('ip', ['netns', 'exec', name, 'readlink', '/proc/self/ns/net'], { encoding: 'utf8' }).trim())
      } finally {
        execFileSync('ip', ['netns', 'del', name])
      }
      const gone = await sandbox().podwright(['run', '--rm', '--network', 'ns:/run/netns/nobody', busybox, 'true'])
      expect(gone).toMatchObject({ code: 125, stderr: expect.stringContaining('/run/netns/nobody: it is not there') })
    })
  }
})
