import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const fact = (name: string, template: string): Promise<string> => ok('inspect', name, '--format', template)
  const look = '{{json .Config.Cmd}} {{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{len .Mounts}}'

  test('container clone makes another one like it', async () => {
    const flags = [
      '-e',
      "A=it's",
      '-u',
      '1000',
      '--read-only',
      '-v',
      '/own',
      '-v',
      'named:/named',
      '--network',
      'none',
      '--stop-timeout',
      '0',
    ]
    await ok('run', '-d', '--name', 'web', ...flags, busybox, 'sleep', '300')
    const id = await ok('container', 'clone', 'web')
    expect(await fact('web-clone', '{{.Id}} {{.State.Status}}')).toBe(`${id} created`)
    expect(await fact('web-clone', look)).toBe(await fact('web', look))
    expect(await fact('web-clone', '{{json .Config.Env}}')).toContain("A=it's")
    const volumes = '{{range .Mounts}}{{.Name}} {{end}}'
    const [own, cloned] = [await fact('web', volumes), await fact('web-clone', volumes)]
    expect(cloned).toContain('named')
    expect(cloned).not.toBe(own)
    await ok('container', 'clone', 'web')
    expect(await fact('web-clone1', '{{.State.Status}}')).toBe('created')
    const limits = role.rootless ? [] : ['--memory', '64m']
    await ok('container', 'clone', '--run', ...limits, 'web', 'second')
    expect(await fact('second', '{{.State.Status}} {{.HostConfig.Memory}}')).toBe(`running ${role.rootless ? 0 : 64 * 2 ** 20}`)
    expect(await sandbox().podwright(['container', 'clone', '--destroy', 'web', 'third'])).toMatchObject({ code: 125 })
    await ok('rm', 'third')
    await ok('container', 'clone', '--destroy', '--force', '--name', 'fourth', 'web')
    expect((await sandbox().podwright(['container', 'exists', 'web'])).code).toBe(1)
    expect(await sandbox().podwright(['container', 'clone', '--force', 'fourth'])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('--force says how --destroy removes'),
    })
    await ok('rm', '-f', '-a', '-v')
    await ok('volume', 'rm', 'named')
  })

  test('the first of several that ends, and a command in the one of a file', async () => {
    const file = join(sandbox().home, 'id')
    await ok('run', '-d', '--name', 'long', '--cidfile', file, '--network', 'none', '--stop-timeout', '0', busybox, 'sleep', '300')
    await ok('run', '-d', '--name', 'short', '--network', 'none', busybox, 'sh', '-c', 'sleep 0.3; exit 7')
    expect(await ok('wait', '--return-on-first', 'long', 'short')).toBe('7')
    expect(await ok('exec', '--cidfile', file, 'sh', '-c', 'echo $0')).toBe('sh')
    await ok('rm', '-f', 'long', 'short')
  })

  test('images in the order of a key', async () => {
    await ok('create', '--name', 'base', busybox)
    for (const tag of ['b', 'a', 'c']) await ok('commit', '-q', 'base', `sorted:${tag}`)
    expect(await ok('images', '--sort', 'tag', '--format', '{{.Tag}}', '--filter', 'reference=sorted')).toBe('a\nb\nc')
    const sizes = (await ok('images', '--sort', 'size', '--format', 'json')).matchAll(/"Size": (\d+)/gi)
    const bytes = [...sizes].map(([, size]) => Number(size))
    expect(bytes).toEqual(bytes.toSorted((x, y) => x - y))
    expect(await sandbox().podwright(['images', '--sort', 'colour'])).toMatchObject({ code: 125 })
    await ok('rm', 'base')
    await ok('rmi', 'sorted:a', 'sorted:b', 'sorted:c')
  })
})
