import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { ownArchitecture } from '../harness/image.ts'
import { peerMissing, skopeo } from '../harness/peers.ts'
import { asEachRole } from '../harness/roles-suite.ts'

const noTls = '--tls-verify=false'

asEachRole(({ role, sandbox, busybox }) => {
  const inspect = async (name: string, template: string): Promise<string> => sandbox().ok(['image', 'inspect', '-f', template, name])

  test('a commit has what the container changed, and nothing of the engine’s', async () => {
    const script =
      'mkdir -p /data/sub; echo x > /data/sub/file; chown 33:33 /data/sub/file; ln -s file /data/sub/link; rm /etc/group; mkdir /gone; rmdir /gone'
    await sandbox().ok(['run', '--name', 'worker', noTls, busybox, 'sh', '-c', script])
    const changes = (await sandbox().ok(['diff', 'worker'])).split('\n')
    expect(changes).toEqual(expect.arrayContaining(['A /data', 'A /data/sub/file', 'A /data/sub/link', 'D /etc/group']))
    expect(changes.filter((line) => /hosts|resolv|gone|\/dev|\/proc/.test(line))).toEqual([])
    const id = await sandbox().ok([
      'commit',
      '-a',
      'me',
      '-m',
      'why',
      '-c',
      'ENV MORE="a b"',
      '-c',
      'LABEL by=test',
      '-c',
      'CMD ["ls", "-ln", "/data/sub"]',
      'worker',
      'worked:1',
    ])
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    const listed = await sandbox().ok(['run', '--rm', 'worked:1'])
    expect(listed).toMatch(/33 +33 .* file\n/)
    expect(listed).toContain('link -> file')
    expect(await sandbox().ok(['run', '--rm', 'worked:1', 'sh', '-c', 'echo "$MORE$FROM_IMAGE"; test -e /etc/group || echo gone'])).toBe(
      'a byes\ngone',
    )
    expect(await inspect('worked:1', '{{.Author}} {{.Comment}} {{index .Config.Labels "by"}}')).toBe('me why test')
    expect((await sandbox().ok(['history', '-q', 'worked:1'])).split('\n')[0]).toBe(id.slice(0, 12))
    expect((await sandbox().ok(['image', 'diff', 'worked:1'])).split('\n')).toEqual(
      expect.arrayContaining(['A /data/sub/file', 'D /etc/group']),
    )
    await sandbox().ok(['commit', '-q', '--squash', 'worker', 'worked:flat'])
    expect(await inspect('worked:flat', '{{len .RootFS.Layers}}')).toBe('1')
    expect(
      await sandbox().ok(['run', '--rm', 'worked:flat', 'sh', '-c', 'cat /data/sub/link; ls /etc/group 2>/dev/null || echo gone']),
    ).toBe('x\ngone')
    await sandbox().ok(['rm', 'worker'])
  })

  test('a running container is committed and exported, too', async () => {
    await sandbox().ok(['run', '-d', '--name', 'runner', noTls, busybox, 'sh', '-c', 'echo running > /state; sleep 100'])
    await sandbox().ok(['exec', 'runner', 'sh', '-c', 'while ! test -s /state; do sleep 0.1; done'])
    await sandbox().ok(['commit', '-q', 'runner', 'snapshot:1'])
    expect(await sandbox().ok(['run', '--rm', 'snapshot:1', 'cat', '/state'])).toBe('running')
    const { stdoutBytes } = await sandbox().podwright(['export', 'runner'])
    expect(execFileSync('tar', ['-xOf', '-', 'state'], { input: stdoutBytes, stdio: ['pipe', 'pipe', 'ignore'] }).toString()).toBe(
      'running\n',
    )
    await sandbox().ok(['import', '-q', '-c', 'CMD ["cat", "/state"]', '-c', 'ENV PATH=/bin', '-', 'imported:1'], { input: stdoutBytes })
    expect(await sandbox().ok(['run', '--rm', 'imported:1'])).toBe('running')
    await sandbox().ok(['rm', '-f', '-t', '0', 'runner'])
  })

  test.each([
    ['FROM x', /cannot apply the change "FROM x"/],
    ['EXPOSE nowhere', /"nowhere" is no port/],
    ['ENV', /cannot apply/],
  ])('a change that is none: %s', async (change, message) => {
    await sandbox().ok(['create', '--name', 'unchanged', noTls, busybox])
    const { code, stderr } = await sandbox().podwright(['commit', '-c', change, 'unchanged', 'never:1'])
    expect(code).toBe(125)
    expect(stderr).toMatch(message)
    expect((await sandbox().podwright(['image', 'exists', 'never:1'])).code).toBe(1)
    await sandbox().ok(['rm', 'unchanged'])
  })

  test('names are given, moved and taken', async () => {
    await sandbox().ok(['pull', '-q', noTls, busybox])
    await sandbox().ok(['tag', busybox, 'named', 'named:2', 'example.org/named:3'])
    expect(await inspect('example.org/named:3', '{{.Id}}')).toBe(await inspect('named', '{{.Id}}'))
    await sandbox().ok(['untag', 'named', 'named:2'])
    expect((await sandbox().podwright(['image', 'exists', 'named:2'])).code).toBe(1)
    const strange = await sandbox().podwright(['untag', 'named', 'stranger'])
    expect(strange).toMatchObject({ code: 125 })
    expect(strange.stderr).toMatch(/stranger/)
    await sandbox().ok(['untag', 'named', 'named', 'example.org/named:3'])
    expect((await sandbox().podwright(['image', 'exists', busybox])).code).toBe(0)
  })

  test('prune takes what nobody uses; --dry-run takes nothing', async () => {
    const tar = execFileSync('tar', ['-C', '/etc', '-c', 'hostname'])
    const dangling = (await sandbox().ok(['import', '-q', '-c', 'LABEL prune=me', '-'], { input: tar })).replace('sha256:', '')
    await sandbox().ok(['import', '-q', '-c', 'LABEL prune=me', '-c', 'LABEL keep=yes', '-'], { input: tar })
    const dry = await sandbox().ok(['image', 'prune', '--dry-run', '--filter', 'label=prune=me', '--filter', 'label!=keep'])
    expect(dry).toContain(`Would delete: ${dangling}`)
    expect(await sandbox().ok(['images', '-q', '--no-trunc'])).toContain(dangling)
    expect(await sandbox().ok(['image', 'prune'], { input: 'n\n' })).toBe('')
    const pruned = await sandbox().ok(['image', 'prune', '-f', '--filter', 'label=prune=me', '--filter', 'label!=keep'])
    expect(pruned).toMatch(new RegExp(`^Deleted: ${dangling}\\nTotal reclaimed space: `))
    expect(await sandbox().ok(['images', '-q', '--no-trunc'])).not.toContain(dangling)
    expect(await sandbox().ok(['image', 'prune', '-f'])).toMatch(/^Deleted: [0-9a-f]{64}\n/)
  })

  test('mount shows an image’s files, read-only, until unmount', async () => {
    await sandbox().ok(['pull', '-q', noTls, busybox])
    const path = await sandbox().ok(['image', 'mount', busybox])
    expect(await sandbox().ok(['unshare', 'cat', `${path}/etc/group`])).toContain('staff')
    expect((await sandbox().podwright(['unshare', 'touch', `${path}/new`])).code).not.toBe(0)
    expect(await sandbox().ok(['image', 'mount'])).toContain(path)
    await sandbox().ok(['image', 'unmount', busybox])
    expect(await sandbox().ok(['image', 'mount'])).toBe('')
    expect((await sandbox().podwright(['image', 'unmount', busybox])).code).toBe(125)
  })

  test('lists of images for several platforms', async (context) => {
    context.skip(peerMissing('skopeo') !== undefined, peerMissing('skopeo'))
    const target = `${inject('registry')}/${role.rootless ? 'plain' : 'root'}/list:1`
    await sandbox().ok(['pull', '-q', noTls, busybox])
    await sandbox().ok(['manifest', 'create', 'list:1', busybox])
    // Its blobs stay at the registry, and go from there.
    await sandbox().ok(['manifest', 'add', noTls, '--all', 'list:1', `docker://${inject('registry')}/multi:1`])
    const document = JSON.parse(await sandbox().ok(['manifest', 'inspect', 'list:1'])) as {
      readonly manifests: readonly { readonly platform: { readonly architecture: string } }[]
    }
    expect(new Set(document.manifests.map(({ platform }) => platform.architecture))).toEqual(new Set(['amd64', 'arm64']))
    const digest = await sandbox().ok(['manifest', 'push', '-q', noTls, 'list:1', target])
    expect(JSON.parse(skopeo('inspect', '--raw', noTls, `docker://${target}`)).manifests).toHaveLength(document.manifests.length)
    expect(JSON.parse(skopeo('inspect', '--override-arch', 'arm64', noTls, `docker://${target}`)).Digest).toBe(digest)
    expect((await sandbox().podwright(['manifest', 'create', 'list:1'])).code).toBe(125)
    await sandbox().ok(['manifest', 'rm', 'list:1'])
    expect((await sandbox().podwright(['manifest', 'exists', 'list:1'])).code).toBe(1)
  })

  test('one platform of several that are here', async (context) => {
    context.skip(peerMissing('skopeo') !== undefined, peerMissing('skopeo'))
    const multi = `${inject('registry')}/multi:1`
    const other = ownArchitecture === 'arm64' ? 'amd64' : 'arm64'
    const target = `${inject('registry')}/${role.rootless ? 'plain' : 'root'}/one:1`
    await sandbox().ok(['rmi', '--all', '--force'])
    await sandbox().ok(['image', 'copy', '--all', '-q', '--src-tls-verify=false', `docker://${multi}`, 'containers-storage:several:1'])
    const architecture = async (): Promise<string> => await inspect('several:1', '{{.Architecture}}')
    expect(await architecture()).toBe(ownArchitecture)
    await sandbox().ok(['push', '-q', noTls, '--platform', `linux/${other}`, 'several:1', target])
    // A single image, as docker has it, and not the list.
    expect(JSON.parse(skopeo('inspect', '--raw', noTls, `docker://${target}`))).not.toHaveProperty('manifests')
    expect(JSON.parse(skopeo('inspect', '--config', noTls, `docker://${target}`))).toMatchObject({ architecture: other })

    const archive = join(sandbox().home, 'one.tar')
    await sandbox().ok(['save', '-q', '--platform', other, '-o', archive, 'several:1'])
    expect(JSON.parse(skopeo('inspect', '--config', `docker-archive:${archive}:localhost/several:1`))).toMatchObject({
      architecture: other,
    })
    const missing = await sandbox().podwright(['save', '-q', '--platform', 'linux/s390x', '-o', `${archive}.no`, 'several:1'])
    expect(missing).toMatchObject({ code: 125, stdout: '' })
    expect(missing.stderr).toMatch(/"several:1" is not here for linux\/s390x, but for linux\/(amd64, linux\/arm64|arm64, linux\/amd64)/)
    expect(existsSync(`${archive}.no`)).toBe(false)

    // Both under one name: first the one that the name leads to, so that it has to move.
    const planned = await sandbox().ok(['rmi', '--dry-run', '--platform', ownArchitecture, 'several:1'])
    expect(planned).toMatch(/^Would delete: [0-9a-f]{64}$/m)
    expect(planned).not.toContain('several:1')
    expect(await architecture()).toBe(ownArchitecture)
    const removed = await sandbox().ok(['rmi', '--platform', ownArchitecture, 'several:1'])
    expect(removed).toBe(planned.replaceAll('Would untag', 'Untagged').replaceAll('Would delete', 'Deleted'))
    expect(await architecture()).toBe(other)
    expect((await sandbox().podwright(['rmi', '--platform', ownArchitecture, 'several:1'])).stderr).toContain('but for linux/')
    // It was there with its index, and still is.
    await sandbox().ok(['push', '-q', noTls, '--platform', other, 'several:1', target])
    expect(await sandbox().ok(['rmi', '--platform', `linux/${other}`, 'several:1'])).toMatch(/Untagged: localhost\/several:1/)
    expect((await sandbox().podwright(['image', 'exists', 'several:1'])).code).toBe(1)

    const refused = await sandbox().podwright(['load', '-q', '-i', archive, '--platform', ownArchitecture])
    expect(refused).toMatchObject({ code: 125, stdout: '' })
    expect(refused.stderr).toContain(`there is no image for linux/${ownArchitecture}`)
    expect(await sandbox().ok(['load', '-q', '-i', archive, '--platform', `linux/${other}`])).toBe('Loaded image: localhost/several:1')
    await sandbox().ok(['rmi', 'several:1'])
  })

  test('an image with other names keeps them when it is removed for a platform, unless by force', async () => {
    const multi = `${inject('registry')}/multi:1`
    await sandbox().ok(['rmi', '--all', '--force'])
    await sandbox().ok(['image', 'copy', '--all', '-q', '--src-tls-verify=false', `docker://${multi}`, 'containers-storage:named:1'])
    await sandbox().ok(['tag', 'named:1', 'kept:1'])
    const { code, stderr } = await sandbox().podwright(['rmi', '--platform', ownArchitecture, 'named:1'])
    expect(code).toBe(125)
    expect(stderr).toContain('it has other names, localhost/kept:1\n')
    expect((await sandbox().podwright(['image', 'exists', 'kept:1'])).code).toBe(0)
    await sandbox().ok(['rmi', '--force', '--platform', ownArchitecture, 'named:1'])
    expect((await sandbox().podwright(['image', 'exists', 'kept:1'])).code).toBe(1)
    await sandbox().ok(['rmi', 'named:1'])
  })

  test('artifacts', async () => {
    const directory = join(sandbox().home, 'files')
    mkdirSync(directory)
    writeFileSync(join(directory, 'card.md'), '# card\n')
    for (const path of [directory, join(directory, 'card.md')]) chownSync(path, role.uid, role.gid)
    const name = `${inject('registry')}/${role.rootless ? 'plain' : 'root'}/model:1`
    const digest = await sandbox().ok(['artifact', 'add', '--type', 'application/vnd.test', name, join(directory, 'card.md')])
    await sandbox().ok(['artifact', 'push', '-q', noTls, name])
    await sandbox().ok(['artifact', 'rm', name])
    expect(await sandbox().ok(['artifact', 'pull', '-q', noTls, name])).toBe(digest)
    expect(await sandbox().ok(['artifact', 'ls', '--format', '{{.Repository}}:{{.Tag}}'])).toBe(name)
    const target = join(sandbox().home, 'out')
    mkdirSync(target)
    chownSync(target, role.uid, role.gid)
    chmodSync(target, 0o755)
    await sandbox().ok(['artifact', 'extract', name, target])
    expect(execFileSync('cat', [join(target, 'card.md')]).toString()).toBe('# card\n')
    expect(await sandbox().ok(['artifact', 'extract', name, '-'])).toBe('# card')
    expect((await sandbox().podwright(['artifact', 'extract', '--title', 'nope', name, '-'])).code).toBe(125)
    await sandbox().ok(['artifact', 'rm', '--all'])
    expect(await sandbox().ok(['artifact', 'ls', '-n'])).toBe('')
  })
})
