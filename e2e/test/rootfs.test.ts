import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  /** An unpacked busybox that belongs to the role, whose path no mount option could have. */
  async function rootDirectory(): Promise<string> {
    const { ok, home } = sandbox()
    const directory = join(home, 'root, of:mine')
    if (existsSync(directory)) return directory
    mkdirSync(directory)
    const archive = join(home, 'root.tar')
    await ok(['create', '--name', 'source', busybox])
    await ok(['export', '-o', archive, 'source'])
    await ok(['rm', 'source'])
    execFileSync('tar', ['--no-same-owner', '-xf', archive, '-C', directory])
    execFileSync('chown', ['-R', `${role.uid}:${role.gid}`, directory])
    rmSync(archive)
    return directory
  }
  const run = ['run', '--network', 'none']

  test('--rootfs runs in a directory of the host, which stays when the container goes', async () => {
    const { ok, podwright } = sandbox()
    const directory = await rootDirectory()
    expect(await ok([...run, '--rootfs', '--name', 'it', directory, 'sh', '-c', 'echo mine > /made; id -u'])).toBe('0')
    expect(readFileSync(join(directory, 'made'), 'utf8')).toBe('mine\n')
    expect(await ok(['inspect', 'it', '--format', '{{.Rootfs}} [{{.Image}}{{.ImageName}}]'])).toBe(`${directory} []`)
    expect(await ok(['ps', '-a', '--format', '[{{.Image}}{{.ImageID}}] {{.Names}}'])).toBe('[] it')
    expect(await ok(['cp', 'it:/made', '-'])).toContain('made')
    expect(await podwright(['diff', 'it'])).toMatchObject({ code: 125, stderr: expect.stringContaining('its root is the directory') })
    expect(await podwright(['commit', 'it', 'x'])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('its root is the directory'),
    })
    expect(await ok(['describe', 'it'])).toContain(`'${directory}' sh -c`)
    await ok(['container', 'clone', '--run', 'it', 'other'])
    expect(await ok(['wait', 'other'])).toBe('0')
    expect(await ok(['system', 'check'])).toContain('no damage')
    await ok(['rm', '-f', '-v', 'it', 'other'])
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(['bin', 'made']))
    rmSync(join(directory, 'made'))
  })

  test('with :O its files never change, and what the container writes stays until it goes', async () => {
    const { ok } = sandbox()
    const directory = await rootDirectory()
    await ok(['create', '--network', 'none', '--name', 'over', '--rootfs', `${directory}:O`, 'sh', '-c', 'echo >> /count; wc -l < /count'])
    expect(await ok(['start', '-a', 'over'])).toBe('1')
    expect(await ok(['start', '-a', 'over'])).toBe('2')
    expect(existsSync(join(directory, 'count'))).toBe(false)
    expect(await ok(['diff', 'over'])).toBe('A /count')
    expect(await ok(['describe', '--as', 'create', 'over'])).toContain(`'${directory}:O'`)
    await ok(['rm', 'over'])
    expect(existsSync(join(directory, 'bin'))).toBe(true)
    // A number that no line of its /etc/passwd has gets one, apart from the directory.
    const passwd = readFileSync(join(directory, 'etc/passwd'), 'utf8')
    expect(await ok([...run, '--rm', '--user', '4321', '--rootfs', `${directory}:O`, 'id', '-un'])).toBe('4321')
    await ok([...run, '--rm', '--user', '4321', '--rootfs', directory, 'true'])
    expect(readFileSync(join(directory, 'etc/passwd'), 'utf8')).toBe(passwd)
  })

  test('--read-only keeps the directory as it is', async () => {
    const { podwright } = sandbox()
    const directory = await rootDirectory()
    const refused = await podwright([...run, '--rm', '--read-only', '--rootfs', directory, 'touch', '/new'])
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Read-only file system') })
    expect(existsSync(join(directory, 'new'))).toBe(false)
  })

  test('what contradicts a directory is refused, and so is one that is not there, at each start', async () => {
    const { ok, podwright } = sandbox()
    const directory = await rootDirectory()
    for (const flags of [['--pull', 'always'], ['--image-volume', 'tmpfs'], ['--platform', 'linux/arm64'], ['--tls-verify=false']]) {
      const refused = await podwright(['create', ...flags, '--rootfs', directory, 'true'])
      expect(refused).toMatchObject({ code: 125, stderr: expect.stringContaining(`--rootfs and ${flags[0]?.replace(/=.*/, '')}`) })
    }
    expect((await podwright(['create', '--rootfs', `${directory}:idmap`, 'true'])).stderr).toContain('cannot honour :idmap')
    expect((await podwright(['create', '--rootfs', '/:O', 'true'])).stderr).toContain('the storage itself is in it')
    expect((await podwright(['create', '--rootfs', join(directory, 'none'), 'true'])).stderr).toContain('there is no such directory')
    expect((await podwright(['create', '--passwd-entry', 'x:x:1:1::/:/bin/sh', '--rootfs', directory, 'true'])).stderr).toContain(
      '/etc/passwd',
    )
    expect(await ok(['ps', '-aq'])).toBe('')
    await ok(['create', '--network', 'none', '--name', 'moved', '--rootfs', directory, 'true'])
    renameSync(directory, `${directory}.away`)
    expect(await podwright(['start', 'moved'])).toMatchObject({ code: 125, stderr: expect.stringContaining('there is no such directory') })
    renameSync(`${directory}.away`, directory)
    await ok(['start', '-a', 'moved'])
    renameSync(directory, `${directory}.away`)
    await ok(['rm', 'moved'])
    renameSync(`${directory}.away`, directory)
  })
})
