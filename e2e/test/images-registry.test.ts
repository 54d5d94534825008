import { createHash } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { busyboxImage } from '../harness/busybox.ts'
import { makeIndex, ownArchitecture } from '../harness/image.ts'
import { openPodman, peerMissing, skopeo } from '../harness/peers.ts'
import { pushImage, registryLogin, startRegistry } from '../harness/registry.ts'
import { asOneRole, defineTest } from '../harness/roles-suite.ts'

const noTls = '--tls-verify=false'
const skopeoTls = '--tls-verify=false'

/** The manifest's digest and what is in it, as another tool sees it. */
function seen(name: string): { readonly Digest: string; readonly Layers: readonly string[]; readonly RepoTags: readonly string[] } {
  return JSON.parse(skopeo('inspect', skopeoTls, `docker://${name}`))
}

asOneRole(({ role, sandbox, busybox }) => {
  const name = (repository: string): string => `${inject('registry')}/${role.rootless ? 'plain' : 'root'}/${repository}`

  test('errors have the name that was typed, and where registries.conf led', async () => {
    const file = join(sandbox().directory, 'moved.conf')
    const there = `${inject('registry')}/nowhere`
    const rule = (prefix: string, location: string): string =>
      `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\ninsecure = true\n`
    const mirror = '[[registry.mirror]]\nlocation = "127.0.0.1:1/mirror"\ninsecure = true\n'
    writeFileSync(file, `${rule('moved.example/team', there)}${rule('mirrored.example/team', there)}${mirror}`, { mode: 0o644 })
    const errorOf = async (...words: string[]): Promise<string> => {
      const { code, stderr } = await sandbox().podwright(words, { env: { CONTAINERS_REGISTRIES_CONF: file } })
      expect([words, code]).toEqual([words, 125])
      return stderr.slice(stderr.indexOf('Error: '))
    }
    const moved = `cannot read the manifest of moved.example/team/app:1 at ${there}/app: it is not there`
    expect(await errorOf('pull', '-q', 'moved.example/team/app:1')).toContain(moved)
    expect(await errorOf('run', '--rm', 'moved.example/team/app:1')).toContain(moved)
    const mirrored = await errorOf('pull', 'mirrored.example/team/app:1')
    expect(mirrored).toContain(`cannot read the manifest of mirrored.example/team/app:1 at ${there}/app: it is not there`)
    expect(mirrored).toContain('mirrored.example/team/app:1 at 127.0.0.1:1/mirror/app: cannot reach 127.0.0.1:1: connection refused')
  })

  test('what is pushed has the digest that it was pulled with, and is not sent twice', async (context) => {
    context.skip(peerMissing('skopeo') !== undefined, peerMissing('skopeo'))
    await sandbox().ok(['pull', '-q', noTls, busybox])
    const first = await sandbox().podwright(['push', noTls, busybox, name('pushed:1')])
    expect(first).toMatchObject({ code: 0, stdout: '' })
    expect(first.stderr).toMatch(/^Pushing .*\n/)
    expect(seen(name('pushed:1')).Digest).toBe(seen(busybox).Digest)
    const again = await sandbox().podwright(['push', noTls, busybox, name('pushed:2')])
    expect(again.stderr).not.toContain('Sent ')
    expect(again.stderr).toContain('is there already')
    expect(seen(name('pushed:1')).RepoTags.toSorted()).toEqual(['1', '2'])
  })

  defineTest(
    'podman pulls and runs what was pushed from a commit, whatever its format',
    { needsRoot: true, missing: peerMissing('podman') },
    async () => {
      await using podman = openPodman()
      await sandbox().ok([
        'run',
        '--name',
        'maker',
        noTls,
        busybox,
        'sh',
        '-c',
        'echo made > /made; rm /etc/group; chmod 4755 /bin/busybox',
      ])
      await sandbox().ok(['commit', '-q', '-c', 'CMD ["cat", "/made"]', 'maker', 'made:1'])
      await sandbox().ok(['rm', 'maker'])
      for (const [tag, ...flags] of [['plain'], ['zstd', '--compression-format', 'zstd'], ['docker', '--format', 'docker']]) {
        await sandbox().ok(['push', '-q', noTls, ...flags, 'made:1', name(`made:${tag}`)])
        podman.run('pull', '-q', noTls, name(`made:${tag}`))
        const files = podman.run('image', 'mount', name(`made:${tag}`)).trim()
        expect(existsSync(join(files, 'made'))).toBe(true)
        expect(existsSync(join(files, 'etc/group'))).toBe(false)
        podman.run('image', 'unmount', name(`made:${tag}`))
      }
      const id = (await sandbox().ok(['images', '-q', '--no-trunc', 'made:1'])).replace('sha256:', '')
      for (const tag of ['plain', 'zstd', 'docker'])
        expect(podman.run('image', 'inspect', '-f', '{{.Id}}', name(`made:${tag}`)).trim()).toBe(id)
    },
  )

  test('all tags go, and come', async () => {
    await sandbox().ok(['pull', '-q', noTls, busybox])
    await sandbox().ok(['tag', busybox, name('tags:a'), name('tags:b')])
    await sandbox().ok(['push', '-q', noTls, '--all-tags', name('tags')])
    await sandbox().ok(['untag', name('tags:a')])
    expect((await sandbox().ok(['images', '-q', name('tags')])) === '').toBe(true)
    const ids = (await sandbox().ok(['pull', '-q', '-a', noTls, name('tags')])).split('\n')
    expect(new Set(ids).size).toBe(1)
    expect(ids).toHaveLength(2)
    expect((await sandbox().ok(['search', '--list-tags', noTls, name('tags')])).split('\n')).toHaveLength(3)
    expect(await sandbox().ok(['search', noTls, `${inject('registry')}/tags`])).toContain(name('tags'))
  })

  test('copy, inspect, list-tags, delete and sync, as skopeo has them', async (context) => {
    context.skip(peerMissing('skopeo') !== undefined, peerMissing('skopeo'))
    const list = makeIndex({ amd64: busyboxImage({ architecture: 'amd64' }), arm64: busyboxImage({ architecture: 'arm64' }) })
    await pushImage(inject('registry'), `${role.rootless ? 'plain' : 'root'}/source`, '1', list)
    const layout = join(sandbox().home, 'layout')
    const options = ['--src-tls-verify=false', '--dest-tls-verify=false', '-q']
    expect(await sandbox().ok(['image', 'copy', '--all', ...options, `docker://${name('source:1')}`, `docker://${name('copy:1')}`])).toBe(
      list.manifest.digest,
    )
    expect(skopeo('inspect', '--raw', skopeoTls, `docker://${name('copy:1')}`)).toBe(Buffer.from(list.manifest.bytes).toString())
    const own = list.images[ownArchitecture === 'amd64' ? 0 : 1]!.manifest.digest
    expect(await sandbox().ok(['image', 'copy', ...options, `docker://${name('source:1')}`, `oci:${layout}:x`])).toBe(own)
    expect(await sandbox().ok(['image', 'inspect', '-f', '{{.Digest}}', `oci:${layout}:x`])).toBe(own)
    expect(JSON.parse(skopeo('inspect', `oci:${layout}:x`)).Digest).toBe(own)
    const mine = JSON.parse(await sandbox().ok(['image', 'inspect', noTls, `docker://${name('source:1')}`]))
    expect(mine).toMatchObject(seen(name('source:1')))
    expect(JSON.parse(await sandbox().ok(['image', 'list-tags', noTls, `docker://${name('source')}`])).Tags).toEqual(['1'])
    const mirror = join(sandbox().home, 'mirror')
    const synced = await sandbox().ok([
      'image',
      'sync',
      '-q',
      '--src-tls-verify=false',
      '--src',
      'docker',
      '--dest',
      'dir',
      name('source'),
      mirror,
    ])
    expect(synced).toBe(`dir:${mirror}/source:1`)
    expect(JSON.parse(skopeo('inspect', `dir:${mirror}/source:1`)).Digest).toBe(own)
    const dry = await sandbox().podwright(['image', 'delete', '--dry-run', noTls, `docker://${name('copy:1')}`])
    expect(dry.stdout).toMatch(/^Would delete: /)
    expect(seen(name('copy:1')).RepoTags).toEqual(['1'])
    const refused = await sandbox().podwright(['image', 'delete', noTls, `docker://${name('copy:1')}`])
    expect(refused).toMatchObject({ code: 125 })
    expect(refused.stderr).toMatch(/delete/i)
  })

  test('login on a terminal and from stdin; push and logout', async () => {
    await using registry = await startRegistry({ basicAuth: true })
    const box = sandbox()
    await box.ok(['pull', '-q', noTls, busybox])
    const target = `${registry.address}/private:1`
    const refused = await box.podwright(['push', noTls, busybox, target])
    expect(refused.code).toBe(125)
    expect(refused.stderr).toContain(`podwright login ${registry.address}`)
    const wrong = await box.podwright(['login', noTls, '-u', registryLogin.user, '--password-stdin', registry.address], {
      input: 'wrong\n',
    })
    expect(wrong).toMatchObject({ code: 125, stdout: '' })
    expect(await box.podwright(['login', '--get-login', registry.address])).toMatchObject({ code: 125 })

    const terminal = box.terminal(['login', noTls, registry.address])
    await terminal.until(/Username: /)
    terminal.type(`${registryLogin.user}\r`)
    await terminal.until(/Password: /)
    terminal.type(`${registryLogin.password}\r`)
    const end = await terminal.end
    expect(end).toMatchObject({ code: 0, restored: true })
    expect(end.output).toContain('Login Succeeded!')
    expect(end.output).not.toContain(registryLogin.password)

    expect(await box.ok(['login', '--get-login', registry.address])).toBe(registryLogin.user)
    await box.ok(['push', '-q', noTls, busybox, target])
    await box.ok(['logout', registry.address])
    expect(await box.podwright(['pull', noTls, target])).toMatchObject({ code: 125 })
    const input = `${registryLogin.password}\n`
    await box.ok(['login', noTls, '-u', registryLogin.user, '--password-stdin', registry.address], { input })
    await box.ok(['pull', '-q', noTls, target])
    await box.ok(['logout', '--all'])
    expect(await box.podwright(['login', '--get-login', registry.address])).toMatchObject({ code: 125 })
  })

  test('a copy, a list of tags and a deletion are somebody in skopeo’s words, or nobody', async (context) => {
    context.skip(peerMissing('skopeo') !== undefined, peerMissing('skopeo'))
    await using registry = await startRegistry({ basicAuth: true })
    const box = sandbox()
    const from = ['--src-tls-verify=false', `docker://${busybox}`]
    const target = `docker://${registry.address}/words:1`
    const { user, password } = registryLogin
    const names = ['--dest-username', user, '--dest-password', password]
    const signed = `${target.slice(0, -1)}sha256-${'a'.repeat(64)}.sig`
    for (const to of [target, signed]) await box.ok(['image', 'copy', '-q', '--dest-tls-verify=false', ...names, ...from, to])
    await box.ok(['login', noTls, '-u', user, '--password-stdin', registry.address], { input: `${password}\n` })
    const refused = await box.podwright(['image', 'copy', '-q', '--dest-tls-verify=false', '--dest-no-creds', ...from, target])
    expect(refused.code).toBe(125)
    expect(refused.stderr).toContain('authentication is required')
    expect((await box.podwright(['image', 'list-tags', noTls, '--no-creds', target.slice(0, -2)])).code).toBe(125)
    expect((await box.podwright(['image', 'list-tags', noTls, '--registry-token', 'x', target.slice(0, -2)])).code).toBe(125)
    await box.ok(['logout', '--all'])
    const who = ['--username', user, '--password', password]
    expect(JSON.parse(await box.ok(['image', 'list-tags', noTls, ...who, target.slice(0, -2)]))).toMatchObject({
      Tags: expect.arrayContaining(['1']),
    })
    const into = join(box.home, 'synced')
    const source = ['--src', 'docker', '--src-tls-verify=false', '--src-username', user, '--src-password', password]
    const synced = await box.ok(['image', 'sync', '-q', '--remove-signatures', ...source, '--dest', 'dir', target.slice(9, -2), into])
    expect(synced).toBe(`dir:${into}/words:1`)
  })

  test('layers are packed as asked for, and an index goes alone', async (context) => {
    context.skip(peerMissing('skopeo') !== undefined, peerMissing('skopeo'))
    const box = sandbox()
    const copy = ['image', 'copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false']
    const layersOf = (at: string): string => JSON.parse(skopeo('inspect', '--raw', skopeoTls, `docker://${name(at)}`)).layers
    await box.ok([...copy, '--dest-decompress', `docker://${busybox}`, `docker://${name('packed:none')}`])
    expect(layersOf('packed:none')).toEqual([expect.objectContaining({ mediaType: expect.stringMatching(/\.tar$/) })])
    const sizes: number[] = []
    for (const level of ['1', '19']) {
      const format = ['--dest-compress-format', 'zstd', '--dest-compress-level', level]
      await box.ok([...copy, ...format, `docker://${name('packed:none')}`, `docker://${name(`packed:${level}`)}`])
      const [layer] = layersOf(`packed:${level}`) as unknown as readonly { readonly mediaType: string; readonly size: number }[]
      expect(layer?.mediaType).toMatch(/\+zstd$/)
      sizes.push(layer?.size ?? 0)
    }
    expect(sizes[1]).toBeLessThan(sizes[0]!)

    const multi = `docker://${inject('registry')}/multi:1`
    const alone = join(box.home, 'alone')
    const digest = await box.ok([...copy, '--multi-arch', 'index-only', multi, `dir:${alone}`])
    const reference = join(box.home, 'skopeo-alone')
    expect(digest).toBe(
      `sha256:${createHash('sha256')
        .update(skopeo('inspect', '--raw', skopeoTls, multi))
        .digest('hex')}`,
    )
    skopeo('copy', '--src-tls-verify=false', '--multi-arch', 'index-only', multi, `dir:${reference}`)
    expect(readdirSync(alone).toSorted()).toEqual(readdirSync(reference).toSorted())
    // A registry takes no index whose images it has not.
    expect((await box.podwright([...copy, '--multi-arch', 'index-only', multi, `docker://${name('alone:1')}`])).code).toBe(125)
    expect((await box.podwright([...copy, '--multi-arch', 'index-only', multi, `docker-archive:${alone}.tar:x:1`])).stderr).toContain(
      'it can hold single images alone',
    )
    const named = `docker-archive:${alone}.tar`
    await box.ok([...copy, '--additional-tag', 'b:2,c.example/d:3', `docker://${busybox}`, `${named}:a:1`])
    expect(JSON.parse(skopeo('list-tags', named))).toMatchObject({
      Tags: ['docker.io/library/a:1', 'docker.io/library/b:2', 'c.example/d:3'],
    })
  })

  test.each([
    ['push', 'nope', /no image here has the name or id "nope"/],
    ['push', 'BUSYBOX', /127\.0\.0\.1:1/],
    ['search', '127.0.0.1:1/x', /127\.0\.0\.1:1/],
    ['image delete', 'app:1', /no transport/],
    ['image inspect', 'oci:/nowhere', /nowhere/],
    ['login', '127.0.0.1:1', /terminal|127\.0\.0\.1:1/],
  ])('%s %s: 125, and says why', async (command, typed, message) => {
    await sandbox().ok(['pull', '-q', noTls, busybox])
    const args = typed === 'BUSYBOX' ? [busybox, '127.0.0.1:1/x:1'] : [typed]
    const { code, stdout, stderr } = await sandbox().podwright([...command.split(' '), ...args])
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(/^Error: /m)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/undefined|\bat .*:\d+:\d+/)
  })
})
