import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  createReadStream,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import { packTar } from '../harness/tar.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const shell = (container: string, script: string): Promise<string> => ok('exec', container, 'sh', '-c', script)
  const cp = (...args: readonly string[]): ReturnType<ReturnType<typeof sandbox>['podwright']> => sandbox().podwright(['cp', ...args])
  /** A path of the role's own. */
  const here = (name: string): string => `${sandbox().directory}/${name}`
  const write = (name: string, content: string, mode = 0o644): string => {
    writeFileSync(here(name), content)
    chownSync(here(name), role.uid, role.gid)
    chmodSync(here(name), mode)
    return here(name)
  }
  const makeDirectory = (name: string): string => {
    mkdirSync(here(name))
    chownSync(here(name), role.uid, role.gid)
    return here(name)
  }

  beforeAll(async () => {
    await ok('run', '-d', '--name', 'web', '-v', 'data:/data', busybox, 'sleep', '1000')
    makeDirectory('site')
    makeDirectory('site/sub')
    write('site/index', 'home')
    write('site/sub/page', 'page')
    symlinkSync('index', here('site/link'))
    lchownSync(here('site/link'), role.uid, role.gid)
    write('file', 'from here', 0o4750)
    await shell('web', 'mkdir /src')
    for (const name of ['site', 'file']) await ok('cp', here(name), 'web:/src')
  })

  describe('where what goes', () => {
    const list = "find . | sort | while read p; do [ -L $p ] && echo $p@ || echo $p; done | tr '\\n' ' '"
    beforeEach(async () => {
      await shell('web', 'rm -rf /c; mkdir -p /c/dir; cd /c; echo old >file; ln -s dir dlink; ln -s file flink; ln -s missing broken')
      rmSync(here('c'), { recursive: true, force: true })
      for (const name of ['c', 'c/dir']) makeDirectory(name)
      write('c/file', 'old')
      for (const [name, target] of [
        ['dlink', 'dir'],
        ['flink', 'file'],
        ['broken', 'missing'],
      ] as const) {
        symlinkSync(target, here(`c/${name}`))
        lchownSync(here(`c/${name}`), role.uid, role.gid)
      }
    })
    const inside = (path: string): Promise<string> => shell('web', `cd /c; [ -e ${path} -o -L ${path} ] && cat file`)

    test.each([
      ['site', 'new', 'new/sub/page'],
      ['site', 'dir', 'dir/site/index'],
      ['site/.', 'dir', 'dir/index'],
      ['site', 'dlink', 'dir/site/index'],
      ['site/sub/', 'dir/', 'dir/sub/page'],
      ['site', 'broken', 'missing/index'],
      ['site/link', 'dir', 'dir/link'],
      ['file', 'dir/', 'dir/file'],
      ['file', 'broken', 'missing'],
    ])('%s to %s makes %s, in and out', async (source, target, made) => {
      await ok('cp', here(source), `web:/c/${target}`)
      expect(await inside(made)).toBe('old')
      await ok('cp', `web:/src/${source}`, here(`c/${target}`))
      expect(lstatSync(here(`c/${made}`), { throwIfNoEntry: false })).toBeDefined()
      expect(readFileSync(here('c/file'), 'utf8')).toBe('old')
    })

    test.each([
      ['file', 'new/', 'there is no such directory'],
      ['file', 'file/', 'that is not a directory'],
      ['site', 'file', 'a directory does not take the place of a file'],
      ['site', 'none/new', 'there is no directory'],
      ['nothing', 'dir', 'there is no such file or directory'],
      ['file/', 'dir', 'it is not a directory'],
    ])('%s to %s is refused: %s', async (source, target, reason) => {
      for (const refused of [await cp(here(source), `web:/c/${target}`), await cp(`web:/src/${source}`, here(`c/${target}`))]) {
        expect(refused).toMatchObject({ code: 125, stdout: '', stderr: expect.stringContaining(reason) as string })
      }
      expect(await shell('web', `cd /c; ${list}`)).toBe('. ./broken@ ./dir ./dlink@ ./file ./flink@')
      expect(readdirSync(here('c')).toSorted()).toEqual(['broken', 'dir', 'dlink', 'file', 'flink'])
    })

    test('--follow-link copies what a link leads to, --overwrite puts a directory in a file’s place', async () => {
      await ok('cp', '-L', here('site/link'), 'web:/c/dir')
      expect(await shell('web', '[ -L /c/dir/link ] || cat /c/dir/link')).toBe('home')
      await ok('cp', '--follow-link', 'web:/c/flink', here('c/dir/copy'))
      expect(readFileSync(here('c/dir/copy'), 'utf8')).toBe('old\n')
      await ok('cp', '--overwrite', here('site'), 'web:/c/file')
      expect(await shell('web', 'cat /c/file/index')).toBe('home')
      expect((await cp(here('file'), 'web:/c')).stderr).toContain('the place of a file')
      await ok('container', 'cp', '--overwrite', here('file'), 'web:/c')
      expect(await shell('web', 'cat /c/file')).toBe('from here')
    })
  })

  test('what comes in is root’s, or with -a as it was; what goes out is the caller’s', async () => {
    await shell('web', 'mkdir -m 1777 /own; mkdir /own/keep; chmod 711 /own/keep')
    makeDirectory('keep')
    chmodSync(here('keep'), 0o700)
    await ok('cp', here('file'), 'web:/own')
    await ok('cp', here('keep'), 'web:/own')
    expect(await shell('web', 'stat -c "%a %u:%g" /own /own/file /own/keep')).toBe('1777 0:0\n750 0:0\n711 0:0')
    await ok('cp', '-a', here('file'), 'web:/own')
    await ok('cp', '--archive', here('keep'), 'web:/own')
    expect(await shell('web', 'stat -c "%a %u:%g" /own /own/file /own/keep')).toBe(
      `1777 0:0\n4750 ${role.uid}:${role.gid}\n700 ${role.uid}:${role.gid}`,
    )
    await shell('web', 'echo theirs >/own/theirs; chown 33:33 /own/theirs; chmod 2600 /own/theirs; chmod 700 /own; chown 33 /own')
    await ok('cp', 'web:/own/theirs', here('theirs'))
    const { uid, gid, mode } = statSync(here('theirs'))
    expect([uid, gid, (mode & 0o7777).toString(8)]).toEqual([role.uid, role.gid, '600'])
    const kept = await cp('-a', 'web:/own/theirs', here('theirs'))
    if (role.rootless) expect(kept).toMatchObject({ code: 125, stderr: expect.stringContaining('--archive') as string })
    else expect(statSync(here('theirs'))).toMatchObject({ uid: 33, gid: 33 })
  })

  test('"-" is a tar, which says whose its files are', async () => {
    await shell('web', 'mkdir /tars')
    const tar = packTar([
      { path: 'd/', type: 'directory' },
      { path: 'd/f', content: 'in a tar', uid: 7, gid: 8 },
    ])
    await sandbox().ok(['cp', '-', 'web:/tars'], { input: tar })
    expect(await shell('web', 'cat /tars/d/f; stat -c " %u:%g" /tars/d/f')).toBe('in a tar 7:8')
    const names = async (...args: readonly string[]): Promise<string> => {
      const [command = '', ...words] = sandbox().words(['cp', ...args])
      const child = spawn('sh', ['-c', '"$@" | tar -t', 'sh', command, ...words], {
        env: sandbox().env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      for await (const chunk of child.stdout) text += Buffer.from(chunk as Buffer).toString()
      return text.trim().replaceAll('\n', ' ')
    }
    expect(await names('web:/tars/d', '-')).toBe('d/ d/f')
    expect(await names('web:/tars/.', '-')).toBe('./ d/ d/f')
    expect(await cp('-', 'web:/none')).toMatchObject({ code: 125 })
    expect(await cp('-', 'web:/tars/d/f')).toMatchObject({ code: 125 })
    expect((await cp('-L', '-', 'web:/tars')).stderr).toContain('--follow-link')
    expect((await cp('--overwrite', 'web:/tars', '-')).stderr).toContain('--overwrite')
    expect((await cp('-', '-')).stderr).toContain('neither side is a container')
    expect((await cp(here('file'), here('other'))).stderr).toContain('neither side is a container')
  })

  test('a terminal is told how much was copied, unless it is not to be; nothing goes to it as a tar', async () => {
    const told = await sandbox().terminal(['cp', here('file'), 'web:/tmp/told']).end
    expect(told).toMatchObject({ code: 0, output: expect.stringMatching(/Copied [\d.]+kB to web:\/tmp\/told/) as string })
    for (const flag of ['-q', '--quiet']) {
      expect(await sandbox().terminal(['cp', flag, here('file'), 'web:/tmp/told']).end).toMatchObject({ code: 0, output: '' })
    }
    expect(await sandbox().terminal(['cp', 'web:/etc', '-']).end).toMatchObject({ code: 125 })
  })

  test('volumes and bind mounts are in their places, whether a container runs, has ended, or never ran', async () => {
    makeDirectory('bound')
    await ok(
      'create',
      '--name',
      'rest',
      '-v',
      'data:/data',
      '-v',
      `${here('bound')}:/bound`,
      '-v',
      `${here('bound')}:/ro:ro`,
      busybox,
      'sh',
      '-c',
      'ls /data /bound',
    )
    for (const [index, name] of ['web', 'rest'].entries()) {
      await ok('cp', here('site/index'), `${name}:/data/${name}`)
      await ok('cp', `${name}:/data/${name}`, here(`volume-${index}`))
      expect(readFileSync(here(`volume-${index}`), 'utf8')).toBe('home')
    }
    await ok('cp', here('file'), 'rest:/bound/through')
    expect(readFileSync(here('bound/through'), 'utf8')).toBe('from here')
    expect((await cp(here('file'), 'rest:/ro')).stderr).toContain('read-only')
    expect(await ok('start', '-a', 'rest')).toBe('/bound:\nthrough\n\n/data:\nrest\nweb')
    await ok('cp', here('file'), 'rest:/data/again')
    await ok('cp', 'rest:/bound/through', here('back'))
    expect(await shell('web', 'cat /data/again')).toBe('from here')
    await ok('rm', 'rest')
    await ok('run', '--name', 'closed', '--read-only', busybox, 'true')
    expect((await cp(here('file'), 'closed:/')).stderr).toContain('read-only')
    await ok('rm', 'closed')
  })

  test('from one container to another, and within one', async () => {
    await ok('create', '--name', 'other', busybox, 'cat', '/etc/site/sub/page')
    await ok('cp', here('site'), 'web:/etc')
    await ok('cp', 'web:/etc/site', 'other:/etc')
    expect(await ok('start', '-a', 'other')).toBe('page')
    await ok('cp', 'other:/etc/site/.', 'other:/etc/twice')
    await ok('cp', 'other:/etc/twice', 'web:/tmp/')
    expect(await shell('web', 'cat /tmp/twice/index')).toBe('home')
    await ok('cp', 'web:/tmp/twice', 'web:/tmp/thrice')
    expect(await shell('web', 'cat /tmp/thrice/sub/page')).toBe('page')
    await ok('rm', 'other')
  })

  test('no link leads out of a container, not even one that is put in the way meanwhile', async () => {
    const outside = makeDirectory('outside')
    write('outside/secret', 'the host’s')
    await shell('web', `ln -s ${outside} /away; ln -s ${outside}/secret /secret; ln -s /../../../..${outside} /up`)
    for (const path of ['/away/secret', '/up/secret', '/away/'])
      expect(await cp(`web:${path}`, here('stolen'))).toMatchObject({ code: 125 })
    expect(await cp('-L', 'web:/secret', here('stolen'))).toMatchObject({ code: 125 })
    await ok('cp', 'web:/secret', here('stolen'))
    expect(readlinkSync(here('stolen'))).toBe(`${outside}/secret`)
    for (const path of ['/away/new', '/away/', '/up/new']) expect(await cp(here('file'), `web:${path}`)).toMatchObject({ code: 125 })
    await ok('exec', '-d', 'web', 'sh', '-c', `mkdir /s /s/d; while :; do mv /s/d /s/r; ln -s ${outside} /s/d; rm /s/d; mv /s/r /s/d; done`)
    for (let round = 0; round < 6; round++) {
      await cp(here('file'), 'web:/s/d/')
      await cp(here('site'), 'web:/s/d')
      await cp('web:/s/d', here(`race-${round}`))
      // The link itself may be copied; what it leads to here was not.
      const found = lstatSync(here(`race-${round}`), { throwIfNoEntry: false })
      expect(found?.isDirectory() === true ? readdirSync(here(`race-${round}`)) : []).not.toContain('secret')
    }
    expect(readdirSync(outside)).toEqual(['secret'])
  })

  test('the host’s /proc in a container, whose links lead anywhere, is not there for a copy', async () => {
    await ok('run', '-d', '--name', 'sees', '-v', '/proc:/host', busybox, 'sleep', '1000')
    expect(await cp(`sees:/host/${process.pid}/cmdline`, here('stolen-too'))).toMatchObject({ code: 125 })
    await ok('exec', 'sees', 'ln', '-s', '/host/self/root', '/root-of-all')
    expect(await cp(here('file'), 'sees:/root-of-all/tmp/')).toMatchObject({ code: 125 })
    await ok('cp', here('file'), 'sees:/tmp')
    await ok('rm', '-f', '-t', '0', 'sees')
  })

  test('a large file comes and goes as it is, with a memory that stays flat', async () => {
    // More than it may have in memory.
    const size = 240 << 20
    const block = Buffer.alloc(1 << 20, 'podwright')
    writeFileSync(here('large'), '')
    for (let at = 0; at < size; at += block.length) {
      block.writeUInt32LE(at)
      writeFileSync(here('large'), block, { flag: 'a' })
    }
    chownSync(here('large'), role.uid, role.gid)
    const peaks: number[] = []
    for (const words of [
      [here('large'), 'web:/large'],
      ['web:/large', here('back-again')],
    ]) {
      const report = here('peak')
      const [command = '', ...args] = sandbox().words(['cp', ...words])
      const child = spawn('/usr/bin/time', ['-f', '%M', '-o', report, command, ...args], { env: sandbox().env, stdio: 'inherit' })
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
      peaks.push(Number(readFileSync(report, 'utf8')))
    }
    expect(await hash(here('back-again'))).toBe(await hash(here('large')))
    expect(Math.max(...peaks)).toBeLessThan(220 * 1024)
    for (const name of ['large', 'back-again']) rmSync(here(name))
    await shell('web', 'rm /large')
  })

  test('a copy that is killed leaves a container that can be copied to, started and removed', async () => {
    await ok('create', '--name', 'killed', busybox, 'true')
    const tar = packTar([...busyboxEntries()])
    expect(await sandbox().podwright(['cp', '-', 'killed:/tmp'], { input: tar.subarray(0, 300_000) })).toMatchObject({ code: 125 })
    const [command = '', ...args] = sandbox().words(['cp', '-', 'killed:/tmp'])
    const waiting = spawn(command, args, { env: sandbox().env, stdio: ['pipe', 'ignore', 'ignore'] })
    waiting.stdin.on('error', () => undefined)
    waiting.stdin.write(tar.subarray(0, 300_000))
    await new Promise((resolve) => setTimeout(resolve, 1000))
    waiting.kill('SIGKILL')
    await new Promise((resolve) => waiting.once('exit', resolve))
    await ok('cp', here('file'), 'killed:/tmp/file')
    await ok('start', '-a', 'killed')
    await ok('rm', 'killed')
    expect(await ok('system', 'check')).toContain('no damage')
  })
})

async function hash(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer)
  return digest.digest('hex')
}
