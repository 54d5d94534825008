import { expect, inject, test } from 'vitest'
import { asOneRole } from '../harness/roles-suite.ts'

asOneRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)

  test('ps has docker’s columns, running ones without -a, full ids with --no-trunc', async () => {
    const id = await ok('run', '-d', '--name', 'up', busybox, 'sleep', '100')
    expect((await sandbox().podwright(['run', '--name', 'down', busybox, 'sh', '-c', 'exit 2'])).code).toBe(2)

    const [head, ...rows] = (await ok('ps')).split('\n')
    expect(head).toMatch(/^CONTAINER ID\s+IMAGE\s+COMMAND\s+CREATED\s+STATUS\s+PORTS\s+NAMES$/)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatch(new RegExp(`^${id.slice(0, 12)}\\s+${busybox}\\s+"?sleep 100"?\\s+.*\\s+Up .*\\s+up$`))
    expect((await ok('ps', '-a')).split('\n')).toHaveLength(3)
    expect(await ok('ps', '-a')).toMatch(/Exited \(2\) .* ago/)
    expect(await ok('ps', '-q')).toBe(id.slice(0, 12))
    expect(await ok('ps', '-q', '--no-trunc')).toBe(id)
    const names = (await ok('ps', '-a'))
      .split('\n')
      .slice(1)
      .map((row) => row.split(/\s+/).at(-1))
    expect(new Set(names)).toEqual(new Set(['up', 'down']))

    const own = '/proc/self/ns'
    const inside = (await ok('exec', 'up', 'sh', '-c', `for n in cgroup ipc mnt net pid user uts; do readlink ${own}/$n; done`)).match(
      /\d+/g,
    )
    expect(inside).toHaveLength(7)
    const [titles, ...listed] = (await ok('ps', '-a', '--ns')).split('\n')
    const [running, ended] = ['up', 'down'].map((name) => listed.find((row) => row.includes(` ${name} `)))
    expect(titles).toMatch(/^CONTAINER ID\s+NAMES\s+PID\s+CGROUPNS\s+IPC\s+MNT\s+NET\s+PIDNS\s+USERNS\s+UTS$/)
    const pid = await ok('inspect', 'up', '--format', '{{.State.Pid}}')
    expect(running?.trim().split(/\s+/)).toEqual([id.slice(0, 12), 'up', pid, ...(inside ?? [])])
    expect(ended?.trim().split(/\s+/).slice(1)).toEqual(['down', '0'])
    expect(await ok('ps', '--namespace', '--format', '{{.Names}} {{.MNT}}')).toBe(`up ${inside?.[2]}`)
    expect(JSON.parse(await ok('ps', '--ns', '--format', 'json'))).toMatchObject([{ Namespaces: { Mnt: inside?.[2], User: inside?.[5] } }])
    expect((await ok('ps', '--pod', '--external')).split('\n')[0]).toMatch(/^CONTAINER ID .* NAMES\s+POD ID\s+PODNAME$/)
    for (const other of ['size', 'quiet']) {
      expect(await sandbox().podwright(['ps', '--ns', `--${other}`])).toMatchObject({
        code: 125,
        stderr: expect.stringContaining(`--ns and --${other} cannot be used together`),
      })
    }
    await ok('rm', '-f', '-t', '0', 'up', 'down')
  })

  test('images has docker’s columns; rmi takes the image away', async () => {
    await ok('pull', '-q', '--tls-verify=false', busybox)
    const [head, row] = (await ok('images')).split('\n')
    expect(head).toMatch(/^REPOSITORY\s+TAG\s+IMAGE ID\s+CREATED\s+SIZE$/)
    expect(row).toMatch(new RegExp(`^${inject('registry')}/busybox\\s+1\\s+[0-9a-f]{12}\\s+.*ago\\s+[\\d.]+ ?[kM]B$`))
    const [image] = JSON.parse(await ok('images', '--format', 'json')) as readonly {
      readonly Id: string
      readonly Names: readonly string[]
    }[]
    expect(image?.Names).toContain(busybox)
    expect(await ok('images', '-q')).toBe(image?.Id.slice(0, 12))

    const removed = await ok('rmi', busybox)
    expect(removed).toContain(`Untagged: ${busybox}`)
    expect(await ok('images', '-q')).toBe('')
    expect((await sandbox().podwright(['rmi', busybox])).code).toBe(1)
  })

  test('rmi refuses an image that a container uses; -f takes both', async () => {
    await ok('create', '--name', 'user', busybox, 'true')
    expect((await sandbox().podwright(['rmi', busybox])).code).not.toBe(0)
    await ok('rm', 'user')
    await ok('rmi', busybox)
  })

  test('version and info, as text and as JSON', async () => {
    expect(await ok('--version')).toMatch(/^podwright version \d+\.\d+\.\d+/)
    expect(await ok('version')).toMatch(/\d+\.\d+\.\d+/)
    const version = JSON.parse(await ok('version', '--format', 'json')) as Readonly<Record<string, unknown>>
    expect(JSON.stringify(version)).toMatch(/\d+\.\d+\.\d+/)
    const info = JSON.parse(await ok('info', '--format', 'json')) as {
      readonly host: { readonly security: { readonly rootless: boolean } }
    }
    expect(info.host.security.rootless).toBe(sandbox().role.rootless)
  })

  test('doctor tells what the host can do, and finds nothing wrong here', async () => {
    const { code, stdout } = await sandbox().podwright(['doctor'])
    expect(stdout).toMatch(/conmon/)
    expect(stdout).toMatch(/crun|runc/)
    expect(code).toBe(0)
    expect(Array.isArray(JSON.parse(await ok('doctor', '--format', 'json')))).toBe(true)
  })

  const commands = [
    'attach',
    'create',
    'doctor',
    'exec',
    'images',
    'info',
    'inspect',
    'kill',
    'logs',
    'ps',
    'pull',
    'rm',
    'rmi',
    'run',
    'start',
    'stop',
    'unshare',
    'version',
    'wait',
  ]

  test.each(commands)('%s --help', async (command) => {
    const text = await ok(command, '--help')
    expect(text).toContain(`podwright ${command}`)
    expect(text).toMatch(/options/i)
  })

  test('--help lists every command, and so does no argument at all', async () => {
    const text = await ok('--help')
    for (const command of commands) expect(text).toMatch(new RegExp(`^\\s+${command}\\b`, 'm'))
  })

  test.each([
    [['runn'], /run/],
    [['run', '--nmae', 'x', 'image'], /--name/],
    [['ps', '--al'], /--all/],
  ])('an unknown word is 125 with a suggestion: %j', async (args, suggestion) => {
    const { code, stderr } = await sandbox().podwright(args)
    expect(code).toBe(125)
    expect(stderr).toMatch(suggestion)
  })
})
