import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, inject, test } from 'vitest'
import { busyboxEntries, busyboxImage } from '../harness/busybox.ts'
import { makeImage } from '../harness/image.ts'
import { pushImage } from '../harness/registry.ts'
import { asEachRole, type RoleContext, defineTest } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'
import { startScriptedRegistry } from '../harness/scripted-registry.ts'
import { packTar, type TarEntry, withChecksum } from '../harness/tar.ts'

const noTls = '--tls-verify=false'

asEachRole((context) => {
  const { role, sandbox } = context

  /** Runs a script in a busybox with more layers over it. */
  const inLayers = async (layers: readonly (readonly TarEntry[])[], script: string): Promise<string> => {
    const image = makeImage({ layers: [busyboxEntries(), ...layers], config: { Env: ['PATH=/bin'] } })
    const name = `layers-${image.manifest.digest.slice(7, 19)}`
    await pushImage(inject('registry'), name, '1', image)
    return sandbox().ok(['run', '--rm', noTls, `${inject('registry')}/${name}:1`, 'sh', '-c', script])
  }

  test('modes, owners, times to the nanosecond, links', async () => {
    const entries: readonly TarEntry[] = [
      { path: 'd/', type: 'directory', mode: 0o2750, uid: 5, gid: 6, mtime: 1_500_000_000.25 },
      { path: 'd/setuid', content: 'x', mode: 0o4711, uid: 7, gid: 8, mtime: 1_600_000_000.5 },
      { path: 'd/hard', type: 'hardlink', target: 'd/setuid' },
      { path: 'd/soft', type: 'symlink', target: '/nowhere/at all', uid: 9, gid: 9 },
      { path: 'd/fifo', type: 'fifo', mode: 0o600 },
    ]
    const script = `stat -c '%n %a %u %g %h %Y' d d/setuid d/hard; stat -c '%y' d d/setuid; readlink d/soft; stat -c '%F' d/fifo; [ d/hard -ef d/setuid ] && echo same`
    expect((await inLayers([entries], `cd /; ${script}`)).split('\n')).toEqual([
      expect.stringMatching(/^d 2750 5 6 \d+ 1500000000$/),
      'd/setuid 4711 7 8 2 1600000000',
      'd/hard 4711 7 8 2 1600000000',
      expect.stringContaining('.250000000'),
      expect.stringContaining('.500000000'),
      '/nowhere/at all',
      'fifo',
      'same',
    ])
  })

  test('names are bytes', async () => {
    const raw = packTar([{ path: 'odd/', type: 'directory' }])
    const odd = Buffer.concat([Buffer.from(raw.subarray(0, raw.length - 1024)), oddEntry(), Buffer.alloc(1024)])
    const image = makeImage({ layers: [busyboxEntries(), odd], config: { Env: ['PATH=/bin'] } })
    await pushImage(inject('registry'), 'odd', '1', image)
    expect(
      await sandbox().ok(['run', '--rm', noTls, `${inject('registry')}/odd:1`, 'sh', '-c', 'find /odd -type f | od -An -tx1']),
    ).toMatch(/6e ff fe 0a/)
  })

  test('white-outs hide, opaque directories begin anew, and a file may become a directory', async () => {
    const lower: readonly TarEntry[] = [
      { path: 'keep', content: '1' },
      { path: 'drop', content: '1' },
      { path: 'tree/', type: 'directory' },
      { path: 'tree/old', content: '1' },
      { path: 'becomes', content: 'file' },
    ]
    const upper: readonly TarEntry[] = [
      { path: '.wh.drop' },
      { path: 'tree/', type: 'directory' },
      { path: 'tree/.wh..wh..opq' },
      { path: 'tree/new', content: '2' },
      { path: '.wh.becomes' },
      { path: 'becomes/', type: 'directory' },
      { path: 'becomes/inside', content: '2' },
    ]
    expect(await inLayers([lower, upper], 'cd /; ls -d keep drop 2>/dev/null; ls tree becomes')).toBe(
      'keep\nbecomes:\ninside\n\ntree:\nnew',
    )
  })

  test('extended attributes and file capabilities keep every byte; overlay’s own are dropped', async () => {
    const capability = Buffer.from('0100000284000000000000000000000000000000', 'hex')
    const entries: readonly TarEntry[] = [
      { path: 'attributes', content: 'x', pax: { 'SCHILY.xattr.user.note': Buffer.from([0x61, 0xff, 0x62]) } },
      { path: 'capable', content: 'x', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': capability } },
      { path: 'sly/', type: 'directory', pax: { 'SCHILY.xattr.trusted.overlay.opaque': 'y', 'SCHILY.xattr.user.overlay.opaque': 'y' } },
    ]
    await inLayers([entries], 'true')
    // Looked at from outside, in the layer itself: busybox has no getfattr.
    const layers = join(sandbox().home, 'store')
    const [found] = find(layers, 'attributes')
    expect(found).toBeDefined()
    const dump = execFileSync(
      'getfattr',
      ['-d', '-m', '-', '-e', 'hex', found!, found!.replace(/attributes$/, 'capable'), found!.replace(/attributes$/, 'sly')],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    expect(dump).toContain('user.note=0x61ff62')
    expect(dump).toMatch(/security\.capability=0x0[01]00000[23]84000000/)
    expect(dump).not.toContain('overlay')
  })

  defineTest('devices, as root', { concerns: !role.rootless }, async () => {
    const entries: readonly TarEntry[] = [{ path: 'dev-null', type: 'character', device: [1, 3], mode: 0o666 }]
    expect(await inLayers([entries], 'stat -c "%F %t %T" /dev-null')).toBe('character special file 1 3')
  })

  const hostile: readonly (readonly [string, readonly TarEntry[]])[] = [
    ['a path with ..', [{ path: '../../../../../../OUTSIDE/evil', content: 'x' }]],
    ['an absolute path', [{ path: '/OUTSIDE/evil', content: 'x' }]],
    [
      'a file through a symlinked directory',
      [
        { path: 'way', type: 'symlink', target: '/OUTSIDE' },
        { path: 'way/evil', content: 'x' },
      ],
    ],
    [
      'a file through a symlink that climbs',
      [
        { path: 'way', type: 'symlink', target: '../../../../../../../../../../OUTSIDE' },
        { path: 'way/evil', content: 'x' },
      ],
    ],
    ['a hard link to outside', [{ path: 'stolen', type: 'hardlink', target: '/OUTSIDE/secret' }]],
    ['a hard link that climbs', [{ path: 'stolen', type: 'hardlink', target: '../../../../../../../../../../OUTSIDE/secret' }]],
    [
      'a hard link through a symlink',
      [
        { path: 'way', type: 'symlink', target: '/OUTSIDE' },
        { path: 'stolen', type: 'hardlink', target: 'way/secret' },
      ],
    ],
  ]

  test.each(hostile)('%s touches nothing outside of the root', async (_, entries) => {
    const outside = join(sandbox().directory, 'outside')
    mkdirSync(outside, { recursive: true, mode: 0o777 })
    writeFileSync(join(outside, 'secret'), 'secret')
    const place = (text: string): string => text.replace('/OUTSIDE', outside)
    const aimed = entries.map((entry) => ({
      ...entry,
      path: place(entry.path),
      ...(entry.target === undefined ? {} : { target: place(entry.target) }),
    }))
    const { code, stdout } = await runLayers(context, [aimed], ['sh', '-c', 'cat /stolen 2>/dev/null; true'])
    expect(readdirSync(outside)).toEqual(['secret'])
    expect(stdout).not.toContain('secret')
    // Kept inside the root, or refused: both are right, and nothing else is.
    expect([0, 125]).toContain(code)
  })

  defineTest('a device is refused to a plain user, or left out, and never a crash', { concerns: role.rootless }, async () => {
    const { code, stderr } = await runLayers(context, [[{ path: 'disk', type: 'block', device: [8, 0] }]], ['true'])
    expect([0, 125]).toContain(code)
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
  })

  test('a claim of 10 GB in a kilobyte does not fill the disk', async () => {
    const sparse = packTar([
      {
        path: 'GNUSparseFile.0/big',
        content: '1\n10737418240\n0\n'.padEnd(512, '\0'),
        pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'big', 'GNU.sparse.realsize': '10737418240' },
      },
    ])
    const { code } = await runLayers(context, [sparse], ['true'])
    expect([0, 125]).toContain(code)
    const used = look('du', ['-sk', join(sandbox().home, 'store')])
    expect(Number(used.split(/\s/)[0])).toBeLessThan(1024 * 1024)
  })

  test('a gzip that ends too early is an error that names it', async () => {
    const whole = gzipSync(packTar(busyboxEntries()))
    const image = busyboxImage({ layers: [whole.subarray(0, whole.length - 100)], compression: 'none' })
    await using registry = await startScriptedRegistry(image)
    const { code, stderr } = await sandbox().podwright(['run', '--rm', noTls, `${registry.address}/cut:1`, 'true'])
    expect(code).toBe(125)
    expect(stderr.length).toBeGreaterThan(0)
  })
})

async function runLayers(
  { sandbox }: RoleContext,
  layers: readonly (readonly TarEntry[] | Uint8Array)[],
  command: readonly string[],
): Promise<RunResult> {
  const image = makeImage({ layers: [busyboxEntries(), ...layers], config: { Env: ['PATH=/bin'] } })
  await using registry = await startScriptedRegistry(image)
  return await sandbox().podwright(['run', '--rm', noTls, `${registry.address}/hostile:1`, ...command])
}

function find(directory: string, name: string): string[] {
  if (!existsSync(directory)) return []
  return look('find', [directory, '-name', name, '-type', 'f'])
    .split('\n')
    .filter((path) => path !== '')
}

/** What a plain user who runs the tests may not look into is left out. */
function look(command: string, args: readonly string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout
}

/** A file named `odd/n\xff\xfe`, which no string can say. */
function oddEntry(): Buffer {
  const header = Buffer.from(packTar([{ path: 'odd/n__', content: 'x' }]).subarray(0, 1024))
  header[5] = 0xff
  header[6] = 0xfe
  return withChecksum(header)
}
