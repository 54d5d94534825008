import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, inject, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { makeImage } from '../harness/image.ts'
import { pushImage } from '../harness/registry.ts'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox }) => {
  const image = `${inject('registry')}/volumes:1`
  const ok = (line: string | readonly string[], input?: string): Promise<string> =>
    sandbox().ok(typeof line === 'string' ? line.split(' ') : line, input === undefined ? {} : { input })
  const run = (flags: string, script: string): Promise<string> =>
    ok(['run', ...flags.split(' ').filter(Boolean), image, 'sh', '-c', script])
  const names = async (flags = ''): Promise<string[]> => (await ok(`volume ls -q ${flags}`.trim())).split('\n').filter(Boolean)
  const clear = async (): Promise<void> => {
    await ok('rm -f -a')
    await ok('volume rm -a -f')
  }

  beforeAll(async () => {
    const layer = [
      { path: 'data/', type: 'directory', mode: 0o2750, uid: 1000, gid: 50 },
      { path: 'data/file', content: 'from the image\n', mode: 0o640, uid: 1000, gid: 50 },
    ] as const
    await pushImage(
      inject('registry'),
      'volumes',
      '1',
      makeImage({ layers: [busyboxEntries(), layer], config: { Cmd: ['sh'], Env: ['PATH=/bin'], Volumes: { '/data': {} } } }),
    )
    await ok(`pull -q ${image}`)
  })

  test('volumes by name are made, take the image’s content, owner and mode, and keep what is written', async () => {
    expect(await run('--rm -v shared:/data', 'stat -c "%a %u:%g" /data /data/file; cat /data/file; echo more > /data/more')).toBe(
      '2750 1000:50\n640 1000:50\nfrom the image',
    )
    expect(await run('--rm -v shared:/data:ro', 'cat /data/more; touch /data/x 2>&1 || true')).toMatch(/^more\n.*[Rr]ead-only/)
    expect(await run('--rm -v bare:/data:nocopy', 'ls -A /data; stat -c %u:%g /data')).toBe('0:0')
    expect(await names()).toEqual(['bare', 'shared'])
    expect(await ok(['volume', 'inspect', 'shared', '--format', '{{.Name}} {{.Driver}} {{.NeedsCopyUp}}'])).toBe('shared local false')
    await clear()
  })

  test('anonymous volumes go with --rm and rm -v, and stay otherwise', async () => {
    await run('--rm -v /one', 'touch /one/x /data/x')
    expect(await names()).toEqual([])
    await run('--name kept -v /one -v named:/two', 'true')
    expect(await names()).toHaveLength(3)
    const mounts = JSON.parse(await ok(['inspect', 'kept', '--format', '{{json .Mounts}}'])) as readonly Record<string, unknown>[]
    expect(mounts.map(({ Type, Destination }) => [Type, Destination])).toEqual([
      ['volume', '/one'],
      ['volume', '/two'],
      ['volume', '/data'],
    ])
    expect(mounts[1]).toMatchObject({ Name: 'named', Driver: 'local', RW: true })
    expect(mounts[1]?.['Source']).toBe(await ok(['volume', 'inspect', 'named', '-f', '{{.Mountpoint}}']))
    expect(await ok(['ps', '-a', '--filter', 'volume=named', '--format', '{{.Names}} {{.Mounts}}'])).toMatch(
      /^kept [0-9a-f]{64},named,[0-9a-f]{64}$/,
    )
    await ok('rm -v kept')
    expect(await names()).toEqual(['named'])
    await run('--name other', 'true')
    await ok('rm other')
    expect(await names('--filter dangling=true')).toHaveLength(2)
    expect(await ok('volume prune --dry-run')).toMatch(/^Would remove [0-9a-f]{64}\n/)
    expect((await sandbox().podwright(['volume', 'prune'], { input: 'no\n' })).code).toBe(0)
    expect(await names()).toHaveLength(2)
    await ok('volume prune -f')
    expect(await names()).toEqual(['named'])
    expect(await ok('volume prune -f --all')).toMatch(/^named\nTotal reclaimed space: /)
    expect(await names()).toEqual([])
  })

  test('a volume in use stays, unless it is removed by force', async () => {
    await run('-d --name user -v busy:/busy', 'sleep 100')
    expect(await sandbox().podwright(['volume', 'rm', 'busy'])).toMatchObject({ code: 2, stdout: '' })
    expect((await sandbox().podwright(['volume', 'rm', 'busy', 'nope'])).code).toBe(2)
    expect((await sandbox().podwright(['volume', 'rm', 'nope'])).code).toBe(1)
    expect(await sandbox().podwright(['volume', 'rename', 'busy', 'x'])).toMatchObject({ code: 125 })
    expect(await ok('volume rm -f --dry-run busy')).toMatch(/^Would remove the container [0-9a-f]{12}\nWould remove busy$/)
    expect(await ok('volume rm -f busy')).toBe('busy')
    expect(await ok('ps -aq')).toBe('')
    await clear()
  })

  test('export, import, clone, rename', async () => {
    await run('--rm -v from:/data', 'mkdir -m 700 /data/closed; echo x > /data/closed/f; chown -R 33:33 /data/closed; ln -s f /data/l')
    const tar = join(sandbox().directory, 'from.tar')
    const { stdoutBytes } = await sandbox().podwright(['volume', 'export', 'from'])
    writeFileSync(tar, stdoutBytes)
    await ok('volume create to')
    const imported = await sandbox().podwright(['volume', 'import', 'to', '-'], { input: stdoutBytes })
    expect(imported).toMatchObject({ code: 0, stderr: '' })
    await ok('volume clone from twin')
    await ok('volume rename twin sibling')
    const look = 'cd /v; find . | sort | xargs stat -c "%n %F %a %u:%g"; cat closed/f'
    const wanted = await run('--rm -v from:/v', look)
    expect(wanted).toContain('./closed directory 700 33:33')
    for (const name of ['to', 'sibling']) expect(await run(`--rm -v ${name}:/v`, look)).toBe(wanted)
    expect(await names()).toEqual(['from', 'sibling', 'to'])
    expect((await sandbox().podwright(['volume', 'exists', 'twin'])).code).toBe(1)
    expect((await sandbox().podwright(['volume', 'exists', 'to'])).code).toBe(0)
    const notATar = await sandbox().podwright(['volume', 'import', 'to', '-'], { input: Buffer.alloc(4096, 'x') })
    expect(notATar.code).toBe(125)
    await clear()
  })

  test('volumes in memory and of directories of the host', async () => {
    const host = join(sandbox().directory, 'host')
    mkdirSync(host, { recursive: true })
    writeFileSync(join(host, 'file'), 'host\n')
    for (const path of [host, join(host, 'file')]) chownSync(path, role.uid, role.gid)
    await ok('volume create -o type=tmpfs -o o=size=1m,mode=1777 scratch')
    await ok(['volume', 'create', '-o', 'type=none', '-o', `device=${host}`, '-o', 'o=bind', 'site'])
    await run('-d --name holder -v scratch:/s -v site:/h', 'echo shared > /s/x; cat /h/file > /s/y; sleep 100')
    const read = (): Promise<string> => run('--rm -v scratch:/s', 'cat /s/x /s/y 2>/dev/null; stat -fc %T /s')
    for (let tries = 0; tries < 20 && !(await read()).startsWith('shared\nhost'); tries++) await sleep(100)
    expect(await read()).toBe('shared\nhost\ntmpfs')
    await ok('rm -f holder')
    expect(await read()).toBe('tmpfs')
    expect(readFileSync(join(host, 'file'), 'utf8')).toBe('host\n')
    expect((await sandbox().podwright(['volume', 'create', '-o', 'size=1g', 'limited'])).stderr).toMatch(/the option "size"/)
    expect((await sandbox().podwright(['volume', 'create', '-o', 'sise=1g', 'typo'])).stderr).toContain('no option "sise"')
    await clear()
    expect(readdirSync(host)).toEqual(['file'])
  })

  test('--volumes-from, --mount, --image-volume, U', async () => {
    await run('--name giver -v given:/given', 'echo g > /given/g')
    expect(await run('--rm --volumes-from giver:ro', 'cat /given/g /data/file; touch /given/x 2>/dev/null || echo ro')).toBe(
      'g\nfrom the image\nro',
    )
    const mount = 'type=volume,src=opt,dst=/opt,volume-opt=type=tmpfs,volume-label=a=1'
    expect(await run(`--rm --mount ${mount}`, 'stat -fc %T /opt')).toBe('tmpfs')
    expect(await ok(['volume', 'inspect', 'opt', '-f', '{{index .Labels "a"}} {{.Options.type}}'])).toBe('1 tmpfs')
    expect(await run('--rm --image-volume tmpfs', 'stat -fc %T /data')).toBe('tmpfs')
    expect(await run('--rm --image-volume ignore', 'cat /data/file')).toBe('from the image')
    expect(await run('--rm -u 1234:1235 -v mine:/mine:U', 'stat -c %u:%g /mine; touch /mine/x && echo wrote')).toBe('1234:1235\nwrote')
    await clear()
  })

  test('create is the same twice, and one volume for many at once', async () => {
    const created = await Promise.all(Array.from({ length: 6 }, () => sandbox().podwright(['volume', 'create', 'one'])))
    expect(created.map(({ code, stdout }) => `${code} ${stdout.trim()}`)).toEqual(Array.from({ length: 6 }, () => '0 one'))
    expect((await sandbox().podwright(['volume', 'create', '-l', 'a=1', 'one'])).code).toBe(125)
    expect(await ok('volume create --ignore -l a=1 one')).toBe('one')
    for (const name of ['../x', '.x', 'a/b', '-x', 'x'.repeat(300)]) {
      expect((await sandbox().podwright(['volume', 'create', '--', name])).code).toBe(125)
    }
    expect(await names()).toEqual(['one'])
    await clear()
  })

  test('many containers may begin to use an empty volume at once: its content is whole', async () => {
    const runs = await Promise.all(
      Array.from({ length: 4 }, () =>
        sandbox().podwright(['run', '--rm', '-v', 'race:/data', image, 'sh', '-c', 'cat /data/file; stat -c %a /data']),
      ),
    )
    expect(runs.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
      Array.from({ length: 4 }, () => ({ code: 0, stdout: 'from the image\n2750\n' })),
    )
    expect(await names()).toEqual(['race'])
    await clear()
  })

  test('a kill at any moment leaves nothing that the next command can’t clear', async () => {
    for (let delay = 0; delay < 1000; delay += 90) {
      const victim = sandbox().start(['run', '--rm', '-v', 'victim:/data', '-v', '/nameless', image, 'sh', '-c', 'cat /data/file'])
      await sleep(delay)
      victim.child.kill('SIGKILL')
      await victim.result.catch(() => undefined)
    }
    expect(await run('--rm -v victim:/data', 'cat /data/file; stat -c "%a %u:%g" /data')).toBe('from the image\n2750 1000:50')
    await ok('rm -f -a')
    await ok('volume rm -f -a')
    await ok('volume prune -f -a')
    expect(await names()).toEqual([])
    const left = readdirSync(join(sandbox().home, 'store/volumes')).filter((name) => name !== '.trash')
    expect(left).toEqual([])
    expect(
      existsSync(join(sandbox().home, 'store/volumes/.trash')) ? readdirSync(join(sandbox().home, 'store/volumes/.trash')) : [],
    ).toEqual([])
  })
})
