import { chownSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, inject, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { makeImage } from '../harness/image.ts'
import { pushImage } from '../harness/registry.ts'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox }) => {
  const image = `${inject('registry')}/main:1`
  const data = `${inject('registry')}/data:1`
  const ok = (words: readonly string[]): Promise<string> => sandbox().ok(words)
  const run = (flags: string, script: string): Promise<string> =>
    ok(['run', ...flags.split(' ').filter(Boolean), image, 'sh', '-c', script])
  const fails = async (words: readonly string[], message: string | RegExp): Promise<void> => {
    const { code, stderr } = await sandbox().podwright(words)
    expect(stderr).toMatch(message)
    expect(code).not.toBe(0)
  }

  beforeAll(async () => {
    await pushImage(
      inject('registry'),
      'main',
      '1',
      makeImage({
        layers: [busyboxEntries(), [{ path: 'etc/settings', content: 'usual\n' }]],
        config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
      }),
    )
    const layer = [
      { path: 'top', content: 'top\n', mode: 0o644 },
      { path: 'closed/', type: 'directory', mode: 0o700, uid: 1000, gid: 1000 },
      { path: 'closed/file', content: 'closed\n', mode: 0o600, uid: 1000, gid: 1000 },
      { path: 'out', type: 'symlink', target: '/closed' },
      { path: 'host', type: 'symlink', target: '../../../../../../../../etc' },
    ] as const
    await pushImage(inject('registry'), 'data', '1', makeImage({ layers: [layer], config: {} }))
    await ok(['pull', '-q', image])
  })

  test('a part of an image', async () => {
    const mounts = [
      `type=image,src=${data},dst=/s,subpath=/closed`,
      `type=image,src=${data},dst=/l,image-subpath=out/file`,
      `type=image,src=${data},dst=/w,rw,subpath=closed`,
    ].flatMap((spec) => ['--mount', spec])
    const script =
      'cat /s/file /l; stat -c "%u:%g %a" /s; touch /s/new 2>/dev/null || echo ro; touch /w/new && ls /w; mount | grep -c " on /[slw] "'
    expect(await ok(['run', '-q', '--name', 'user', ...mounts, image, 'sh', '-c', script])).toBe(
      'closed\nclosed\n1000:1000 700\nro\nfile\nnew\n3',
    )
    expect(await ok(['inspect', 'user', '--format', '{{range .Mounts}}{{.Type}} {{.Destination}} {{.SubPath}}|{{end}}'])).toBe(
      'image /s closed|image /l out/file|image /w closed|',
    )
    expect(await ok(['describe', 'user'])).toContain(`--mount type=image,source=${data},destination=/s,readonly,subpath=closed`)
    // cp sees it while it doesn't run.
    await ok(['cp', 'user:/s/file', join(sandbox().directory, 'copied')])
    expect(existsSync(join(sandbox().directory, 'copied'))).toBe(true)
    await ok(['rm', 'user'])
    expect(await ok(['image', 'mount'])).toBe('')
  })

  test('no link of an image leads out of it, and what is not in it is no mount', async () => {
    const spec = (subpath: string): string[] => [
      'run',
      '-q',
      '--rm',
      '--mount',
      `type=image,src=${data},dst=/s,subpath=${subpath}`,
      image,
      'ls',
      '/s',
    ]
    await fails(spec('host'), 'cannot mount host of the image')
    await fails(spec('host/passwd'), 'there is no such file or directory in it')
    await fails(spec('../x'), 'invalid subpath')
    await fails(['run', '--mount', `type=image,src=${data},dst=/s,colour=red`, image], 'unknown field "colour"')
    expect(await ok(['ps', '-aq'])).toBe('')
  })

  test('a part of a volume', async () => {
    await run('--rm -v vol:/v', 'mkdir /v/part; echo p > /v/part/file; ln -s / /v/away; ln -s part /v/near')
    expect(await run('--name part --mount type=volume,src=vol,dst=/v,volume-subpath=part', 'cat /v/file; echo more > /v/more')).toBe('p')
    await ok(['cp', 'part:/v/more', join(sandbox().directory, 'more')])
    await ok(['rm', 'part'])
    expect(
      await run('--rm --mount type=volume,src=vol,dst=/v,subpath=near,ro', 'cat /v/file /v/more; touch /v/x 2>/dev/null || echo ro'),
    ).toBe('p\nmore\nro')
    // The volume's own root: what is mounted is never more than the volume.
    expect(await run('--rm --mount type=volume,src=vol,dst=/v,subpath=away', 'ls /v')).toBe('away\nnear\npart')
    await fails(['run', '--rm', '--mount', 'type=volume,src=vol,dst=/v,subpath=none', image, 'true'], 'cannot mount none of the volume vol')
    // Somebody with the same volume puts a link to the host there, and takes it away again, while others mount it.
    await run('-d --name swapper -v vol:/v', 'cd /v; while :; do mv part real; ln -s /etc part; rm part; mv real part; done')
    const seen = await Promise.all(
      Array.from({ length: 4 }, () =>
        sandbox().podwright(['run', '--rm', '--mount', 'type=volume,src=vol,dst=/v,subpath=part', image, 'ls', '/v']),
      ),
    )
    for (const { stdout } of seen) expect(['', 'file\nmore\n']).toContain(stdout)
    await ok(['rm', '-f', '-t', '0', 'swapper'])
    await ok(['volume', 'rm', 'vol'])
  })

  test('the files of an artifact', async () => {
    const directory = join(sandbox().directory, 'files')
    mkdirSync(directory)
    for (const name of ['one', 'two']) writeFileSync(join(directory, name), `${name}\n`, { mode: 0o644 })
    for (const path of [directory, join(directory, 'one'), join(directory, 'two')]) chownSync(path, role.uid, role.gid)
    await ok(['artifact', 'add', 'localhost/art:1', join(directory, 'one'), join(directory, 'two')])
    const mounts = [
      'type=artifact,src=localhost/art:1,dst=/all',
      'type=artifact,src=localhost/art:1,dst=/named,name=n',
      'type=artifact,src=localhost/art:1,dst=/dir,title=two,name=other',
      'type=artifact,src=localhost/art:1,dst=/bin/cat.txt,title=one',
    ].flatMap((spec) => ['--mount', spec])
    const script =
      'cat /all/one /all/two /named/n-0 /named/n-1 /dir/other /bin/cat.txt/one; stat -c %a /all/one; (echo x > /all/one) 2>/dev/null || echo ro'
    expect(await ok(['run', '--name', 'reader', '--user', '1234', ...mounts, image, 'sh', '-c', script])).toBe(
      'one\ntwo\none\ntwo\ntwo\none\n444\nro',
    )
    expect(await run('--rm --mount type=artifact,src=localhost/art:1,dst=/etc/settings,title=one', 'cat /etc/settings')).toBe('one')
    await fails(['run', '--mount', 'type=artifact,src=localhost/art:1,dst=/x,title=three', image], 'has no file "three"')
    await fails(['run', '--mount', 'type=artifact,src=localhost/none:1,dst=/x', image], 'no artifact here has the name')
    // A container keeps what it was made with.
    await ok(['artifact', 'rm', 'localhost/art:1'])
    expect(await ok(['start', '-a', 'reader'])).toContain('two\n')
    expect(await ok(['describe', 'reader'])).toContain('--mount type=artifact,source=localhost/art:1,destination=/dir,title=two,name=other')
    await ok(['rm', 'reader'])
  })

  test('memory for its user, and mounts below that are read-only too', async () => {
    const script = 'stat -c "%u:%g %a" /t; touch /t/x && echo wrote; grep " /t " /proc/mounts | grep -o "size=[0-9]*k"'
    expect(await run('--rm -u 1234:1235 --mount type=tmpfs,dst=/t,U,tmpfs-mode=0700,tmpfs-size=1m', script)).toBe(
      '1234:1235 700\nwrote\nsize=1024k',
    )
    const source = join(sandbox().directory, 'source')
    mkdirSync(source)
    symlinkSync('x', join(source, 'link'))
    chownSync(source, role.uid, role.gid)
    expect(
      await run(
        `--rm --mount type=bind,src=${source},dst=/b,ro,bind-recursive=readonly,consistency=cached`,
        'touch /b/x 2>/dev/null || echo ro',
      ),
    ).toBe('ro')
    await fails(['run', '--mount', `type=bind,src=${source},dst=/b,bind-recursive=readonly`, image], 'needs readonly')
    await fails(['run', '--mount', `type=bind,src=${source},dst=/b,bind-propagation=mine`, image], 'invalid bind-propagation "mine"')
  })
})
