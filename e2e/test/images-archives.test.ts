import { execFileSync } from 'node:child_process'
import { chownSync, copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPodman, peerMissing, skopeo, startDocker } from '../harness/peers.ts'
import { asOneRole, defineTest } from '../harness/roles-suite.ts'

const noTls = '--tls-verify=false'

asOneRole(({ role, sandbox, busybox }) => {
  const file = (name: string): string => join(sandbox().home, name)
  const idOf = async (name: string): Promise<string> =>
    (await sandbox().ok(['image', 'inspect', '-f', '{{.Id}}', name])).replace('sha256:', '')

  test.each(['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir'])('%s: saved and loaded, the image is the same', async (format) => {
    await sandbox().ok(['pull', '-q', noTls, busybox])
    await sandbox().ok(['tag', busybox, 'saved:1'])
    const id = await idOf('saved:1')
    await sandbox().ok(['save', '-q', '--format', format, '-o', file(format), 'saved:1'])
    await sandbox().ok(['untag', 'saved:1'])
    const loaded = await sandbox().ok(['load', '-q', '-i', file(format)])
    expect(loaded).toBe(format === 'docker-dir' ? `Loaded image: sha256:${id}` : 'Loaded image: localhost/saved:1')
    if (format !== 'docker-dir') expect(await idOf('saved:1')).toBe(id)
  })

  test('through a pipe, compressed, and two images in one archive', async () => {
    await sandbox().ok(['pull', '-q', noTls, busybox])
    await sandbox().ok(['tag', busybox, 'one:1'])
    await sandbox().ok(['import', '-q', '-c', 'CMD ["true"]', '-', 'two:1'], {
      input: execFileSync('tar', ['-C', '/etc', '-c', 'hostname']),
    })
    const { stdoutBytes } = await sandbox().podwright(['save', '-q', 'one:1', 'two:1'])
    await sandbox().ok(['untag', 'one:1'])
    await sandbox().ok(['rmi', 'two:1'])
    const compressed = execFileSync('gzip', ['-c'], { input: stdoutBytes, maxBuffer: 2 ** 28 })
    expect((await sandbox().ok(['load', '-q'], { input: compressed })).split('\n').toSorted()).toEqual([
      'Loaded image: localhost/one:1',
      'Loaded image: localhost/two:1',
    ])
    expect(await sandbox().ok(['run', '--rm', 'one:1', 'cat', '/etc/group'])).toContain('staff')
  })

  defineTest(
    'podman and docker load what we save, and we what they save',
    { needsRoot: true, missing: peerMissing('podman') ?? peerMissing('dockerd'), timeoutMs: 240_000 },
    async () => {
      await sandbox().ok(['pull', '-q', noTls, busybox])
      await sandbox().ok(['tag', busybox, 'docker.io/library/traveller:1'])
      const id = await idOf('traveller:1')
      await sandbox().ok(['save', '-q', '-o', file('ours.tar'), 'docker.io/library/traveller:1'])
      await sandbox().ok(['save', '-q', '--format', 'oci-archive', '-o', file('ours.oci'), 'docker.io/library/traveller:1'])
      await using podman = openPodman()
      await using docker = await startDocker()
      const theirs = join(sandbox().directory, 'theirs')
      for (const archive of ['ours.tar', 'ours.oci']) {
        podman.run('load', '-q', '-i', file(archive))
        expect(podman.run('image', 'inspect', '-f', '{{.Id}}', 'traveller:1').trim()).toBe(id)
        podman.run('rmi', 'traveller:1')
      }
      podman.run('load', '-q', '-i', file('ours.tar'))
      expect(docker.run('load', '-i', file('ours.tar'))).toContain('Loaded image: traveller:1')
      expect(docker.run('image', 'inspect', '-f', '{{.Id}}', 'traveller:1').trim()).toBe(`sha256:${id}`)
      podman.run('save', '-q', '-o', `${theirs}.podman`, 'traveller:1')
      podman.run('save', '-q', '--format', 'oci-archive', '-o', `${theirs}.oci`, 'traveller:1')
      docker.run('save', '-o', `${theirs}.docker`, 'traveller:1')
      // Podman writes the config anew when it makes an OCI image of one that came in Docker's format.
      const configIn = (path: string): string =>
        JSON.parse(skopeo('inspect', '--raw', `oci-archive:${path}`)).config.digest.replace('sha256:', '')
      for (const archive of ['podman', 'oci', 'docker']) {
        await sandbox().ok(['untag', 'traveller:1'])
        chownSync(`${theirs}.${archive}`, role.uid, role.gid)
        expect(await sandbox().ok(['load', '-q', '-i', `${theirs}.${archive}`])).toBe('Loaded image: docker.io/library/traveller:1')
        expect({ archive, id: await idOf('traveller:1') }).toEqual({ archive, id: archive === 'oci' ? configIn(`${theirs}.oci`) : id })
      }
    },
  )

  test('pull out of archives and layouts', async (context) => {
    context.skip(peerMissing('skopeo') !== undefined, peerMissing('skopeo'))
    await sandbox().ok(['pull', '-q', noTls, busybox])
    const id = await idOf(busybox)
    const archive = file('pull.tar')
    await sandbox().ok(['push', '-q', busybox, `docker-archive:${archive}:example.org/pulled:1`])
    expect(JSON.parse(skopeo('inspect', `docker-archive:${archive}`)).Layers).toHaveLength(1)
    expect(await sandbox().ok(['pull', '-q', `docker-archive:${archive}`])).toBe(id)
    expect(await idOf('example.org/pulled:1')).toBe(id)
    await sandbox().ok(['push', '-q', busybox, `oci:${file('pull-layout')}:example.org/laid:1`])
    expect(await sandbox().ok(['pull', '-q', `oci:${file('pull-layout')}:example.org/laid:1`])).toBe(id)
    expect(await idOf('example.org/laid:1')).toBe(id)
  })

  test('what is no archive is refused, and leaves nothing', async () => {
    writeFileSync(file('text'), 'this is no archive, though it is longer than a block of a tar. '.repeat(40))
    execFileSync('tar', ['-C', '/etc', '-cf', file('other.tar'), 'hostname'])
    await sandbox().ok(['pull', '-q', noTls, busybox])
    await sandbox().ok(['save', '-q', '-o', file('whole.tar'), busybox])
    copyFileSync(file('whole.tar'), file('cut.tar'))
    execFileSync('truncate', ['-s', '-600000', file('cut.tar')])
    const listed = ['images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}']
    const before = await sandbox().ok(listed)
    for (const name of ['text', 'other.tar', 'cut.tar', 'missing']) {
      const { code, stdout, stderr } = await sandbox().podwright(['load', '-q', '-i', file(name)])
      expect({ name, code, stdout }).toEqual({ name, code: 125, stdout: '' })
      expect(stderr).toMatch(/^Error: cannot /)
      expect(stderr).toContain(name)
    }
    const unknown = await sandbox().podwright(['save', '-q', '-o', file('never.tar'), busybox, 'nope'])
    expect(unknown).toMatchObject({ code: 125 })
    expect(existsSync(file('never.tar'))).toBe(false)
    const nowhere = await sandbox().podwright(['save', '-q', '-o', file('no/such/dir.tar'), busybox])
    expect(nowhere).toMatchObject({ code: 125 })
    expect(await sandbox().ok(listed)).toBe(before)
    expect(readdirSync(sandbox().home).filter((name) => name.includes('podwright-') || name.includes('part'))).toEqual([])
  })
})
