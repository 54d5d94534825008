import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const serve = (answer: string, port = 80): readonly string[] => [
    busybox,
    'sh',
    '-c',
    `mkdir /srv; echo ${answer} > /srv/index.html; exec httpd -f -p ${port} -h /srv`,
  ]
  const fact = (name: string, template: string): Promise<string> => ok('inspect', name, '--format', template)

  const answers = (port: number, text: string): Promise<void> => expect.poll(() => ask(port), { timeout: 5000 }).toBe(text)

  test('a port of this host leads into the container, also after a restart', async () => {
    const port = await freePort()
    await ok('run', '-d', '--name', 'web', '--stop-timeout', '0', '-p', `127.0.0.1:${port}:80`, ...serve('hello'))
    await answers(port, 'hello')
    expect(await ok('ps', '--format', '{{.Ports}}')).toBe(`127.0.0.1:${port}->80/tcp`)
    expect(await ok('ps', '-q', '--no-trunc', '--filter', 'publish=80')).toBe(await fact('web', '{{.Id}}'))
    expect(await ok('ps', '-q', '--filter', 'publish=81/tcp')).toBe('')
    expect(await ok('port', 'web')).toBe(`80/tcp -> 127.0.0.1:${port}`)
    expect(await ok('container', 'port', 'web', '80/tcp')).toBe(`127.0.0.1:${port}`)
    expect(await ok('port', '--all')).toBe(`${(await fact('web', '{{.Id}}')).slice(0, 12)}\t80/tcp -> 127.0.0.1:${port}`)
    expect(await sandbox().podwright(['port', 'web', '81'])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('no published port 81/tcp'),
    })
    expect(await fact('web', '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}')).toBe(String(port))
    expect(await fact('web', '{{json .HostConfig.PortBindings}}')).toBe(`{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"${port}"}]}`)
    await ok('restart', 'web')
    await answers(port, 'hello')
    await ok('stop', 'web')
    expect(await ask(port)).toBe('ECONNREFUSED')
    expect(await fact('web', '{{json .NetworkSettings.Ports}}')).toBe('{}')
    await ok('rm', 'web')
  })

  test('a service that speaks first does so for other addresses of this host, too', async () => {
    const port = await freePort()
    const greeting = 'while :; do echo 220 hello | nc -l -p 25; done'
    await ok('run', '-d', '--name', 'smtp', '--stop-timeout', '0', '-p', `${port}:25`, busybox, 'sh', '-c', greeting)
    const addresses = Object.values(networkInterfaces()).flat()
    const own = addresses.find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address ?? '127.0.0.1'
    await expect.poll(() => firstWords(own, port), { timeout: 8000 }).toBe('220 hello\n')
    await ok('rm', '-f', 'smtp')
  })

  test('a free port is chosen, stays, and -P takes what the image exposes', async () => {
    await ok('create', '--name', 'base', ...serve('exposed'))
    await ok('commit', '-q', '--change', 'EXPOSE 80 90/udp', 'base', 'exposing')
    await ok('rm', 'base')
    await ok('run', '-d', '--name', 'all', '--stop-timeout', '0', '-P', '--expose', '91', '-p', '92', 'exposing')
    const lines = (await ok('port', 'all')).split('\n')
    expect(lines.map((line) => line.replace(/\d+$/, 'N'))).toEqual(
      ['80/tcp', '90/udp', '91/tcp', '92/tcp'].map((port) => `${port} -> 0.0.0.0:N`),
    )
    const ports = lines.map((line) => Number(/\d+$/.exec(line)?.[0]))
    expect(new Set(ports).size).toBe(4)
    await answers(ports[0]!, 'exposed')
    expect(Object.keys(JSON.parse(await fact('all', '{{json .Config.ExposedPorts}}')) as object)).toEqual([
      '80/tcp',
      '90/udp',
      '91/tcp',
      '92/tcp',
    ])
    await ok('restart', 'all')
    expect((await ok('port', 'all')).split('\n')).toEqual(lines)
    await ok('rm', '-f', 'all')
  })

  test('what can not be published is an error that says why, and leaves what there was', async () => {
    const port = await freePort()
    await ok('run', '-d', '--name', 'first', '--stop-timeout', '0', '-p', `${port}:80`, ...serve('first'))
    await answers(port, 'first')
    const second = await sandbox().podwright(['run', '--name', 'second', '-p', `${port}:80`, ...serve('second')])
    expect(second).toMatchObject({ code: 125, stdout: '' })
    expect(second.stderr).toContain(`cannot publish the port ${port}/tcp: the container first has it`)
    expect(await fact('second', '{{.State.Status}}')).toBe('created')
    await ok('rm', '-f', 'first')
    const started = ok('start', 'second')
    await started
    await answers(port, 'second')
    await ok('rm', '-f', 'second')
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    const third = await sandbox().podwright(['run', '--rm', '-p', `${port}:80`, busybox, 'true'])
    other.close()
    expect(third).toMatchObject({
      code: 125,
      stderr: expect.stringContaining(`cannot publish on the port ${port}/tcp: something on this host listens`),
    })
    if (role.rootless) {
      const low = await sandbox().podwright(['run', '--rm', '-p', '7:80', busybox, 'true'])
      expect(low).toMatchObject({ code: 125, stderr: expect.stringContaining('sudo sysctl net.ipv4.ip_unprivileged_port_start=7') })
    }
    expect(await ok('ps', '-aq')).toBe('')
  })

  test('the way out that is named is taken, with what it is told, and told of again', async () => {
    const port = await freePort()
    const slirp = 'slirp4netns:mtu=1400,cidr=10.9.0.0/24,enable_ipv6=false'
    const network = ['--network', slirp, '-p', `127.0.0.1:${port}:80`, '--stop-timeout', '0']
    await ok('run', '-d', '--name', 'slirp', ...network, ...serve('by slirp'))
    await answers(port, 'by slirp')
    expect(await ok('exec', 'slirp', 'ip', '-o', 'addr', 'show', 'tap0')).toContain('inet 10.9.0.100/24')
    expect(await ok('exec', 'slirp', 'cat', '/sys/class/net/tap0/mtu')).toBe('1400')
    expect(await fact('slirp', '{{.HostConfig.NetworkMode}} {{json .NetworkSettings.Networks}}')).toBe('slirp4netns {}')
    expect(await ok('describe', 'slirp')).toContain(`--network ${slirp} `)
    await ok('rm', '-f', 'slirp')

    await ok('create', '--name', 'first', '--network', 'pasta:--mtu,1400', busybox, 'sh', '-c', 'cat /sys/class/net/[!l]*/mtu')
    await ok('container', 'clone', '--name', 'pasta', '--destroy', 'first')
    expect(await fact('pasta', '{{.HostConfig.NetworkMode}}')).toBe('pasta')
    expect(await ok('describe', 'pasta')).toContain('--network pasta:--mtu,1400 ')
    // pasta copies the host's default route.
    if (/^\w+\t00000000\t/m.test(readFileSync('/proc/net/route', 'utf8'))) expect(await ok('start', '-a', 'pasta')).toBe('1400')
    await ok('rm', 'pasta')

    for (const bad of ['slirp4netns:port_handler=rootlesskit', 'slirp4netns:mtu=x', 'pasta:--foreground']) {
      const { code, stderr } = await sandbox().podwright(['create', '--network', bad, busybox])
      expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining(bad.split(':')[1] ?? '') })
    }
  })

  test('without a network of its own nothing is published, with a warning', async () => {
    for (const mode of ['host', 'none']) {
      const { code, stderr } = await sandbox().podwright(['run', '--rm', '--network', mode, '-p', '1:80', busybox, 'true'])
      expect(code).toBe(0)
      expect(stderr).toContain(`Warning: no ports are published: the container is on the network ${mode}`)
    }
  })
})

/** What comes back from a port of this host. */
async function ask(port: number, host = '127.0.0.1'): Promise<string> {
  const socket = connect({ host, port, timeout: 5000 })
  socket.on('timeout', () => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })))
  socket.write('GET / HTTP/1.0\r\n\r\n')
  let text = ''
  try {
    for await (const chunk of socket) text += String(chunk)
    return text.split('\r\n\r\n')[1]?.trim() ?? 'closed'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'closed'
  }
}

/** One that nothing has, below those that the kernel gives to whoever asks for any: files of tests run at the same time. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

/** What a service says of its own accord; nothing when it doesn't within a while. */
async function firstWords(host: string, port: number): Promise<string> {
  const socket = connect({ host, port })
  try {
    const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(1500) })) as [Buffer]
    return data.toString()
  } catch {
    return ''
  } finally {
    socket.destroy()
  }
}
