import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  test('an image is fetched when it is not here, and what the command writes comes out on its own stream', async () => {
    const { code, stdout, stderr } = await sandbox().podwright(['run', '--rm', busybox, 'sh', '-c', 'echo out; echo err >&2'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'out\n' })
    expect(stderr).toContain('err\n')
  })

  test.each([0, 1, 7, 125, 126, 127, 255])('the exit code is the command’s: %i', async (wanted) => {
    const { code } = await sandbox().podwright(['run', '--rm', busybox, 'sh', '-c', `exit ${wanted}`])
    expect(code).toBe(wanted)
  })

  test.each([
    ['a pipe', 'a file', '2>"$0"', ['out\n', 'err\n']],
    ['a file', 'a pipe', '2>&1 >"$0"', ['err\n', 'out\n']],
    ['one file', 'the same', '>"$0" 2>&1', ['', 'out\nerr\n']],
    ['/dev/null', 'a file', '2>"$0" >/dev/null', ['', 'err\n']],
  ])('stdout to %s and stderr to %s: the command ends, and everything is there', async (_stdout, _stderr, where, [piped, filed]) => {
    const file = join(sandbox().home, 'output')
    const command = sandbox().words(['run', '-q', '--rm', '--network', 'none', busybox, 'sh', '-c', 'echo out; sleep 0.1; echo err >&2'])
    const { stdout, status } = spawnSync('sh', ['-c', `"$@" ${where}`, file, ...command], {
      encoding: 'utf8',
      env: sandbox().env,
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    expect({ status, stdout, file: readFileSync(file, 'utf8') }).toEqual({ status: 0, stdout: piped, file: filed })
  })

  test('a command that dies of a signal counts as 128 and its number', async () => {
    const running = sandbox().start(['run', '--rm', '--name', 'dies', busybox, 'sh', '-c', 'echo ready; sleep 100'])
    await running.untilStdout('ready')
    await sandbox().ok(['kill', 'dies'])
    expect((await running.result).code).toBe(137)
  })

  test('without a command, the image’s runs', async () => {
    expect((await sandbox().podwright(['run', '--rm', '-i', busybox], { input: 'echo from the shell' })).stdout).toBe('from the shell\n')
  })

  test('stdin goes through -i, and only with it', async () => {
    expect((await sandbox().podwright(['run', '-i', '--rm', busybox, 'cat'], { input: 'hi\n' })).stdout).toBe('hi\n')
    expect((await sandbox().podwright(['run', '--rm', busybox, 'cat'], { input: 'hi\n' })).stdout).toBe('')
  })

  test('--rm leaves no container, and without it one stays', async () => {
    await sandbox().ok(['run', '--rm', '--name', 'gone', busybox, 'true'])
    await sandbox().ok(['run', '--name', 'kept', busybox, 'true'])
    const names = await sandbox().ok(['ps', '-a', '--format', 'json'])
    expect(names).not.toContain('"gone"')
    expect(names).toContain('kept')
    await sandbox().ok(['rm', 'kept'])
  })

  test('-e sets, overrides and passes on variables; the image’s stay', async () => {
    const args = ['run', '--rm', '-e', 'A=1', '-e', 'FROM_HERE', '--env', 'PATH=/bin', busybox, 'env']
    const lines = (await sandbox().ok(args, { env: { FROM_HERE: 'x' } })).split('\n')
    expect(lines).toEqual(expect.arrayContaining(['A=1', 'FROM_HERE=x', 'PATH=/bin', 'FROM_IMAGE=yes']))
    expect(lines.some((line) => line.startsWith('HOSTNAME='))).toBe(true)
    expect(lines).toContain('HOME=/root')
  })

  test('--env-file reads variables', async () => {
    const file = join(sandbox().directory, 'variables')
    writeFileSync(file, '# a comment\nA=from file\nB=two=2\n')
    const lines = (await sandbox().ok(['run', '--rm', '--env-file', file, busybox, 'env'])).split('\n')
    expect(lines).toEqual(expect.arrayContaining(['A=from file', 'B=two=2']))
  })

  test('-w is where the command starts', async () => {
    expect(await sandbox().ok(['run', '--rm', '-w', '/var', busybox, 'pwd'])).toBe('/var')
  })

  test.each([
    ['1000', 'uid=1000(alice) gid=1000(alice)'],
    ['12', 'uid=12(12) gid=0(root)'],
    ['alice', 'uid=1000(alice) gid=1000(alice)'],
    ['alice:staff', 'uid=1000(alice) gid=50(staff)'],
    ['0:0', 'uid=0(root) gid=0(root)'],
    ['12:34', 'uid=12(12) gid=34(34)'],
  ])('-u %s', async (user, wanted) => {
    expect(await sandbox().ok(['run', '--rm', '-u', user, busybox, 'id'])).toMatch(wanted)
  })

  test('-v mounts a directory, :ro one that can’t be written', async () => {
    const shared = join(sandbox().directory, 'shared')
    mkdirSync(shared, { recursive: true, mode: 0o777 })
    writeFileSync(join(shared, 'in'), 'from outside')
    const script = 'cat /data/in; echo from inside > /data/out'
    // Rootless, root inside is the user outside, whose the directory has to be.
    chownSync(shared, role.uid, role.gid)
    expect(await sandbox().ok(['run', '--rm', '-v', `${shared}:/data`, busybox, 'sh', '-c', script])).toBe('from outside')
    expect(readFileSync(join(shared, 'out'), 'utf8')).toBe('from inside\n')
    const readOnly = await sandbox().podwright(['run', '--rm', '-v', `${shared}:/data:ro`, busybox, 'touch', '/data/new'])
    expect(readOnly.code).toBe(1)
    expect(readOnly.stderr).toContain('Read-only file system')
  })

  test('--entrypoint replaces the image’s, with its command', async () => {
    expect(await sandbox().ok(['run', '--rm', '--entrypoint', '/bin/echo', busybox, 'a', 'b'])).toBe('a b')
  })

  test('--hostname is what the container calls itself, in its files too', async () => {
    const script = 'hostname; cat /etc/hostname; grep -c box /etc/hosts'
    expect(await sandbox().ok(['run', '--rm', '--hostname', 'box', busybox, 'sh', '-c', script])).toBe('box\nbox\n1')
  })

  test('a name in use is an error with exit 125 and leaves the first alone', async () => {
    await sandbox().ok(['run', '-d', '--name', 'taken', busybox, 'sleep', '100'])
    const { code, stderr } = await sandbox().podwright(['run', '--name', 'taken', busybox, 'true'])
    expect(code).toBe(125)
    expect(stderr).toMatch(/taken/)
    expect(await sandbox().ok(['ps', '-q'])).toMatch(/^[0-9a-f]{12}$/)
    await sandbox().ok(['rm', '-f', '-t', '0', 'taken'])
  })

  test('a command that is not there is 127, one that can’t be executed 126, and both say so', async () => {
    const missing = await sandbox().podwright(['run', '--rm', busybox, 'no-such-command'])
    expect(missing.code).toBe(127)
    expect(missing.stderr).toContain('no-such-command')
    const plain = await sandbox().podwright(['run', '--rm', busybox, '/etc/not-executable'])
    expect(plain.code).toBe(126)
    expect(plain.stderr).toContain('/etc/not-executable')
    const directory = await sandbox().podwright(['run', '--rm', busybox, '/etc'])
    expect(directory.code).toBe(126)
    expect(await sandbox().ok(['ps', '-a', '-q'])).toBe('')
  })

  test('a pipe of 100 MB comes out byte for byte', { timeout: 180_000 }, async () => {
    const input = Buffer.alloc(100 * 1024 * 1024)
    for (let offset = 0; offset < input.length; offset += 4) input.writeUInt32LE((offset * 2654435761) >>> 0, offset)
    const { code, stdoutBytes } = await sandbox().podwright(['run', '-i', '--rm', busybox, 'cat'], { input, timeoutMs: 150_000 })
    expect(code).toBe(0)
    expect(stdoutBytes.equals(input)).toBe(true)
  })

  test('signals are forwarded to the command', async () => {
    const script = 'trap "echo caught; exit 9" TERM; echo ready; while :; do sleep 0.1; done'
    const running = sandbox().start(['run', '--rm', busybox, 'sh', '-c', script])
    await running.untilStdout('ready')
    running.child.kill('SIGTERM')
    expect(await running.result).toMatchObject({ code: 9, stdout: 'ready\ncaught\n' })
  })
})
