import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import { packTar } from '../harness/tar.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const none = ['--network', 'none']
  const run = (script: string, ...flags: readonly string[]): Promise<string> =>
    ok('run', '--rm', ...none, ...flags, busybox, 'sh', '-c', script)
  const refused = async (...flags: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(['run', '--rm', ...none, ...flags, busybox, 'true'])
    expect(code).toBe(125)
    return stderr
  }
  /** A map that both roles can have: ids of nobody else. */
  const outside = role.rootless ? 1 : 300_000
  const mapped = ['--uidmap', `0:${outside}:2000`]

  test('the way to its files must be open to it', async () => {
    const { code, stderr } = await sandbox().podwright(['run', '--rm', ...none, ...mapped, busybox, 'true'])
    expect({ code, stderr }).toMatchObject({ code: 125, stderr: expect.stringContaining(`chmod o+x ${sandbox().home}`) })
    for (const path of [sandbox().directory, sandbox().home]) chmodSync(path, 0o711)
  })

  test('ids of its own: files of the image, and what is made, have them inside', async () => {
    const [map, group, ...files] = (
      await run(
        'tr -s " " </proc/self/uid_map; tr -s " " </proc/self/gid_map; touch /made; stat -c "%u:%g" / /bin/busybox /made',
        ...mapped,
      )
    ).split('\n')
    expect([map, group?.trim()]).toEqual([`0 ${outside} 2000`, `0 ${outside} 2000`])
    expect(files).toEqual(['0:0', '0:0', '0:0'])
    expect(await run('tr -s " " </proc/self/gid_map', ...mapped, '--gidmap', `0:${outside + 1}:70`)).toBe(`0 ${outside + 1} 70`)
  })

  test('what is done with such a container sees its ids', async () => {
    await ok('run', '-d', '--name', 'own', ...mapped, '-v', 'owned:/data', '--stop-timeout', '0', busybox, 'sleep', '300')
    expect(await ok('exec', 'own', 'stat', '-c', '%u:%g', '/data')).toBe('0:0')
    await ok('exec', 'own', 'sh', '-c', 'echo > /data/x; echo kept > /kept; chown 33:34 /kept')
    expect(await ok('exec', '-u', '5', 'own', 'id', '-u')).toBe('5')
    expect(await ok('top', 'own', 'user', 'huser')).toBe(`USER   HUSER\nroot   ${await hostId(outside)}`)
    // To and fro, running and not.
    const copy = `${sandbox().home}/copy`
    await ok('cp', 'own:/kept', copy)
    await ok('cp', copy, 'own:/copied')
    expect(await ok('exec', 'own', 'stat', '-c', '%u:%g', '/copied')).toBe('0:0')
    expect(ownersIn('own:/kept')).toEqual(['33/34 kept'])
    await ok('stop', 'own')
    expect(ownersIn('own:/kept')).toEqual(['33/34 kept'])
    expect((await ok('diff', 'own')).split('\n')).toEqual(expect.arrayContaining(['A /kept', 'A /copied']))
    expect((await ok('diff', 'own')).split('\n')).not.toContain('C /bin')
    await ok('commit', '-q', 'own', 'committed')
    expect(await ok('run', '--rm', ...none, 'committed', 'stat', '-c', '%u:%g', '/kept', '/copied')).toBe('33:34\n0:0')
    expect(await ok('inspect', 'own', '--format', '{{.HostConfig.UsernsMode}} {{json .HostConfig.IDMappings.UidMap}}')).toBe(
      `private ["0:${outside}:2000"]`,
    )
    expect(await ok('describe', 'own')).toContain(`--uidmap 0:${outside}:2000 --gidmap 0:${outside}:2000`)
    await ok('rm', 'own')
    await ok('rmi', '-f', 'committed')
    await ok('volume', 'rm', 'owned')
  })

  test('it has a network, and another one may join', async () => {
    await ok('run', '-d', '--name', 'net', ...mapped, '--stop-timeout', '0', busybox, 'sleep', '300')
    expect((await ok('exec', 'net', 'ls', '/sys/class/net')).split('\n').length).toBeGreaterThanOrEqual(2)
    expect(await ok('run', '--rm', ...mapped, '--network', 'container:net', busybox, 'readlink', '/proc/self/ns/net')).toBe(
      await ok('exec', 'net', 'readlink', '/proc/self/ns/net'),
    )
    await ok('rm', '-f', 'net')
    expect(await ok('run', '--rm', ...mapped, '--network', 'host', busybox, 'ls', '/sys/class/net')).toContain('lo')
  })

  test('files of the host are seen with ids of the container', async () => {
    const shared = `${sandbox().home}/shared`
    mkdirSync(shared, { recursive: true })
    writeFileSync(`${shared}/file`, '')
    if (role.rootless) {
      expect(await refused(...mapped, '-v', `${shared}:/x:idmap`)).toContain(
        'cannot map the ids of the mount on /x: the kernel lets root alone map the ids',
      )
      return
    }
    chownSync(`${shared}/file`, 5, 6)
    const owner = (...flags: readonly string[]): Promise<string> => run('stat -c "%u:%g" /x/file', ...flags)
    const mount = `type=bind,src=${shared},dst=/x`
    expect(await owner(...mapped, '--mount', mount)).toBe('65534:65534')
    expect(await owner(...mapped, '-v', `${shared}:/x:idmap`)).toBe('5:6')
    expect(await owner(...mapped, '--mount', `${mount},idmap`)).toBe('5:6')
    expect(await owner(...mapped, '--mount', `${mount},idmap=uids=@5-7-1;gids=@6-8-1`)).toBe('7:8')
    expect(await owner(...mapped, '--mount', `${mount},idmap=uids=5-${outside + 9}-1;gids=6-${outside + 10}-1`)).toBe('9:10')
    // Without a user namespace, a map is one of the host's ids.
    expect(await owner('--mount', `${mount},idmap=uids=5-7-1;gids=6-8-1`)).toBe('7:8')
    expect(await refused('-v', `${shared}:/x:idmap`)).toContain('the container has no user namespace of its own')
    expect(await refused(...mapped, '-v', `${shared}:/x:idmap,U`)).toContain('U gives its files to the container instead')
    // What is made in it belongs to whom it belongs on the host.
    await ok('run', '-d', '--name', 'maps', ...none, ...mapped, '-v', `${shared}:/x:idmap`, '--stop-timeout', '0', busybox, 'sleep', '300')
    await ok('exec', 'maps', 'sh', '-c', 'echo > /x/made; chown 33:34 /x/made')
    expect(statSync(`${shared}/made`)).toMatchObject({ uid: 33, gid: 34 })
    await ok('cp', 'maps:/x/file', `${sandbox().home}/taken`)
    expect(await ok('describe', 'maps')).toContain(`source=${shared},destination=/x,idmap`)
    await ok('stop', 'maps')
    const { code, stderr } = await sandbox().podwright(['cp', 'maps:/x/file', `${sandbox().home}/taken`])
    expect({ code, stderr }).toMatchObject({ code: 125, stderr: expect.stringContaining('its mount on /x are mapped while it runs') })
    await ok('start', 'maps')
    expect(await ok('exec', 'maps', 'stat', '-c', '%u:%g', '/x/made')).toBe('33:34')
    await ok('rm', '-f', 'maps')
  })

  test('an image that is mounted has the ids of the container', async () => {
    await ok('create', '--name', 'source', busybox, 'true')
    await sandbox().podwright(['cp', '-', 'source:/'], { input: packTar([{ path: 'given', content: '', uid: 33, gid: 34 }]) })
    await ok('commit', '-q', 'source', 'content:1')
    await ok('rm', 'source')
    const mounts = ['--mount', 'type=image,src=content:1,dst=/ro', '--mount', 'type=image,src=content:1,dst=/rw,rw=true']
    const script = 'stat -c "%u:%g" /ro/bin /ro/given /rw/bin /rw/given; echo > /rw/given && touch /rw/new && stat -c "%u:%g" /rw/new'
    const owners = ['0:0', '33:34', '0:0', '33:34', '0:0'].join('\n')
    expect(await run(script, ...mounts)).toBe(owners)
    expect(await run(script, ...mapped, ...mounts)).toBe(owners)
    // Another map is another tree, also while the first one is mounted.
    await ok('run', '-d', '--name', 'reads', ...none, ...mapped, ...mounts, '--stop-timeout', '0', busybox, 'sleep', '300')
    expect(await run(script, '--uidmap', `0:${outside + 1}:1000`, ...mounts)).toBe(owners)
    expect(await run(script, ...mounts)).toBe(owners)
    expect(await ok('exec', 'reads', 'stat', '-c', '%u:%g', '/ro/given')).toBe('33:34')
    await ok('rm', '-f', 'reads')
    await ok('rmi', 'content:1')
    await ok('system', 'check')
  })

  test('what makes no sense is refused by name', async () => {
    expect(await refused('--userns', 'keep-id', ...mapped)).toContain('--userns keep-id and --uidmap contradict each other')
    expect(await refused('--uidmap', '1:1:5')).toContain('a user namespace needs an id 0')
    expect(await refused('--uidmap', '0')).toContain('it is not INSIDE:OUTSIDE:SIZE')
    expect(await refused('--userns', 'auto')).toContain('cannot honour --userns auto')
    expect(await refused('--userns', 'sideways')).toContain('invalid value "sideways" for --userns')
    expect(await refused('--subuidname', 'nobody-has-this')).toMatch(
      role.rootless ? /only root may use/ : /lends no ids to nobody-has-this/,
    )
    if (!role.rootless) expect(await refused('--userns', 'keep-id')).toContain('--userns keep-id is for plain users')
  })

  if (role.rootless) {
    test('keep-id: the user is the same inside, and so are the files', async () => {
      const id = `${role.uid}:${role.gid}`
      const [own, map, made, root] = (
        await run(
          'echo $(id -u):$(id -g); grep -w 0 /proc/self/uid_map | tr -s " " | tail -1; touch /tmp/x; stat -c %u:%g /tmp/x /bin',
          '--userns',
          'keep-id',
        )
      ).split('\n')
      expect([own, map, made, root]).toEqual([id, ` ${role.uid} 0 1`, id, '0:0'])
      expect(await run('id -u', '--userns', 'keep-id', '-u', '0')).toBe('0')
      expect(await run('echo $(id -u):$(id -g); touch /tmp/x; stat -c %u:%g /tmp/x', '--userns', 'keep-id:uid=7,gid=8')).toBe('7:8\n7:8')
      const bind = ['--mount', `type=bind,src=${sandbox().home},dst=/w`]
      expect(await run('touch /w/inside; stat -c %u:%g /w/inside', '--userns', 'keep-id', ...bind)).toBe(id)
      expect(statSync(`${sandbox().home}/inside`)).toMatchObject({ uid: role.uid, gid: role.gid })
      await ok('create', '--name', 'kept', '--userns', 'keep-id', busybox)
      expect(await ok('describe', 'kept')).not.toContain('--user ')
      await ok('rm', 'kept')
    })
  }

  if (role.rootless) {
    test('nomap: the user is nobody inside', async () => {
      expect(await run('cat /proc/self/uid_map | wc -l; id -u; stat -c %u /bin', '--userns', 'nomap')).toBe('1\n0\n0')
    })
  }

  /** Whom an id of the engine's namespace is on the host. */
  async function hostId(id: number): Promise<string> {
    if (!role.rootless) return String(id)
    const map = (await ok('unshare', 'cat', '/proc/self/uid_map')).split('\n').map((line) => line.trim().split(/\s+/).map(Number))
    const [inside = 0, start = 0] = map.find(([first = 0, , size = 0]) => id >= first && id < first + size) ?? []
    return String(start + id - inside)
  }

  /** As a tar of a place has them. */
  function ownersIn(place: string): readonly string[] {
    const [command = '', ...args] = sandbox().words(['cp', place, '-'])
    const tar = execFileSync(command, args, { env: sandbox().env })
    const lines = execFileSync('tar', ['-tv', '--numeric-owner'], { input: tar, encoding: 'utf8' }).trim().split('\n')
    return lines.map((line) => line.split(/\s+/)).map((fields) => `${fields[1]} ${fields[5]}`)
  }
})
