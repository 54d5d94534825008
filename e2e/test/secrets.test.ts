import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const run = (script: string, ...flags: readonly string[]): Promise<string> =>
    ok('run', '--rm', '--network', 'none', ...flags, busybox, 'sh', '-c', script)
  const keep = (name: string, content: string, ...flags: readonly string[]): Promise<string> =>
    sandbox()
      .podwright(['secret', 'create', ...flags, name, '-'], { input: content })
      .then(({ code, stdout, stderr }) => {
        if (code !== 0) throw new Error(stderr)
        return stdout.trim()
      })
  /** Files of the engine in which a text stands. */
  const filesWith = (text: string): string => {
    try {
      return execFileSync('grep', ['-rl', '--', text, sandbox().home, join(sandbox().directory, 'run')], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim()
    } catch (error) {
      return (error as { readonly stdout: string }).stdout.trim()
    }
  }

  test('they are made, listed, looked at and forgotten', async () => {
    const id = await keep('first', 'one', '--label', 'team=a')
    const path = join(sandbox().home, 'content')
    writeFileSync(path, Buffer.from([0, 255, 10]), { mode: 0o644 })
    await ok('secret', 'create', 'bytes', path)
    expect(id).toMatch(/^[0-9a-f]{25}$/)
    expect(await ok('secret', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Label "team"}}')).toBe('bytes file \nfirst file a')
    expect(await ok('secret', 'ls', '-q', '--filter', 'name=irs')).toBe(id)
    const [document] = JSON.parse(await ok('secret', 'inspect', id.slice(0, 8))) as readonly object[]
    expect(document).toEqual({
      ID: id,
      CreatedAt: expect.stringMatching(/^\d{4}-/),
      UpdatedAt: expect.stringMatching(/^\d{4}-/),
      Spec: { Name: 'first', Driver: { Name: 'file', Options: {} }, Labels: { team: 'a' } },
    })
    expect(await ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'first')).toBe('one')
    expect(await ok('secret', 'inspect', '--pretty', 'first')).toMatch(/^ID: +[0-9a-f]{25}\nName: +first\nLabels: +team=a\n/)
    const again = await sandbox().podwright(['secret', 'create', 'first', '-'], { input: 'two' })
    expect(again).toMatchObject({ code: 125, stderr: expect.stringContaining('cannot make the secret first: there is one of that name') })
    expect(await keep('first', 'two', '--replace')).not.toBe(id)
    expect(await ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'first')).toBe('two')
    expect(await sandbox().podwright(['secret', 'create', '-d', 'vault', 'x', '-'], { input: 'x' })).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('cannot honour --driver vault'),
    })
    expect(await sandbox().podwright(['secret', 'create', 'empty', '-'], { input: '' })).toMatchObject({ code: 125 })
    expect((await sandbox().podwright(['secret', 'exists', 'first'])).code).toBe(0)
    await ok('secret', 'rm', 'first')
    expect((await sandbox().podwright(['secret', 'exists', 'first'])).code).toBe(1)
    expect(await sandbox().podwright(['secret', 'rm', 'first'])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('no secret has the name'),
    })
    await ok('secret', 'rm', '--ignore', 'first')
    await ok('secret', 'rm', '--all')
    expect(await ok('secret', 'ls', '-q')).toBe('')
  })

  test('of eight that make one of a name at once, one does', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => sandbox().podwright(['secret', 'create', 'race', '-'], { input: `content ${index}` })),
    )
    expect(all.filter(({ code }) => code === 0)).toHaveLength(1)
    const winner = all.findIndex(({ code }) => code === 0)
    expect(await ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'race')).toBe(`content ${winner}`)
    await ok('secret', 'rm', 'race')
  })

  test('a container has them as files and variables, and nobody else has', async () => {
    await keep('file', 'sesame-in-a-file')
    await keep('variable', 'sesame-in-a-variable')
    const flags = [
      '--secret',
      'file',
      '--secret',
      'variable,type=env,target=PASS',
      '--secret',
      'file,target=/etc/thing,uid=5,gid=6,mode=0400',
    ]
    await ok(
      'run',
      '-d',
      '--name',
      'has',
      '--network',
      'none',
      '--stop-timeout',
      '0',
      ...flags,
      busybox,
      'sh',
      '-c',
      'echo "$PASS" > /seen; exec sleep 300',
    )
    const look =
      'stat -c "%a %u:%g" /run/secrets/file /etc/thing; cat /run/secrets/file /etc/thing; until cat /seen; do sleep 0.1; done; echo x 2>/dev/null > /run/secrets/file || echo closed'
    expect((await ok('exec', 'has', 'sh', '-c', look)).split('\n')).toEqual([
      '444 0:0',
      '400 5:6',
      'sesame-in-a-filesesame-in-a-filesesame-in-a-variable',
      'closed',
    ])
    await ok('exec', 'has', 'rm', '/seen')
    expect(await ok('exec', '-e', 'OTHER=1', '-e', 'PASS=x', 'has', 'sh', '-c', 'echo "$PASS $OTHER"')).toBe('sesame-in-a-variable 1')
    await ok('exec', '-d', 'has', 'sh', '-c', 'echo "$PASS" > /late; exec sleep 300')
    await ok('exec', 'has', 'sh', '-c', 'until grep -q variable /late; do sleep 0.1; done; rm /late')
    // On record is neither; in memory, as the container runs, is what it has.
    expect(
      filesWith('sesame')
        .split('\n')
        .filter((path) => !path.includes('/run/podwright/')),
    ).toEqual([])
    expect(await ok('inspect', 'has')).not.toContain('sesame')
    expect(await ok('inspect', 'has', '--format', '{{json .Config.Secrets}}')).toBe(
      '[{"Name":"file","UID":0,"GID":0,"Mode":292},{"Name":"variable","UID":0,"GID":0,"Mode":292},{"Name":"file","UID":5,"GID":6,"Mode":256}]',
    )
    expect(await ok('describe', 'has')).toContain(
      '--secret file --secret variable,type=env,target=PASS --secret file,target=/etc/thing,uid=5,gid=6,mode=0400',
    )
    await ok('commit', '-q', 'has', 'committed')
    expect(
      await ok(
        'run',
        '--rm',
        '--network',
        'none',
        'committed',
        'sh',
        '-c',
        'ls -d /run/secrets /etc/thing 2>/dev/null; env | grep -c PASS; true',
      ),
    ).toBe('0')
    // It keeps what it was made with.
    await keep('file', 'another', '--replace')
    await ok('secret', 'rm', 'variable')
    await ok('restart', 'has')
    expect(await ok('exec', 'has', 'sh', '-c', 'cat /run/secrets/file; until cat /seen; do sleep 0.1; done')).toBe(
      'sesame-in-a-filesesame-in-a-variable',
    )
    await ok('stop', 'has')
    const open = join(sandbox().directory, 'run/podwright/secrets')
    expect(existsSync(open) ? readdirSync(open) : []).toEqual([])
    await ok('rm', 'has')
    await ok('rmi', '-f', 'committed')
    expect(await run('cat /run/secrets/file', '--secret', 'file')).toBe('another')
    await ok('secret', 'rm', '--all')
  })

  test('what can not be given is refused by name', async () => {
    await keep('known', 'x')
    const refused = async (secret: string): Promise<string> => {
      const { code, stderr } = await sandbox().podwright(['run', '--rm', '--network', 'none', '--secret', secret, busybox, 'true'])
      expect(code).toBe(125)
      return stderr
    }
    expect(await refused('nobody')).toContain('no secret has the name or id "nobody"')
    expect(await refused('known,type=file')).toContain('its type is mount or env, not "file"')
    expect(await refused('known,colour=red')).toContain('"colour" is not known')
    expect(await refused('known,mode=9')).toContain('"9" is no mode')
    expect(await refused('known,type=env,uid=1')).toContain('a variable has no uid')
    for (const target of ['', '/', '/etc/', '.', '/etc/..']) expect(await refused(`known,target=${target}`)).toContain('is no file')
    await sandbox().podwright(['secret', 'create', 'null', '-'], { input: 'a\0b' })
    expect(await refused('null,type=env')).toContain('the secret null has a null byte')
    const reserved = ['run', '--rm', '--annotation', 'io.podwright.secret-variables=PATH', busybox, 'true']
    expect(await sandbox().podwright(reserved)).toMatchObject({ code: 125, stderr: expect.stringContaining("is the engine's own") })
    await ok('secret', 'rm', 'known', 'null')
    expect(await ok('ps', '-aq')).toBe('')
  })

  test('of a start that fails nothing stays open, nor of one that was killed', async () => {
    await keep('open', 'sesame-left-open')
    const flags = ['--network', 'none', '-v', 'vol:/v', '--secret', 'open', '--secret', 'open,type=env,target=OPEN']
    const failed = await sandbox().podwright(['run', '--name', 'fails', ...flags, '-u', 'nobody-here', busybox, 'true'])
    expect(failed.code).not.toBe(0)
    expect(filesWith('sesame')).toBe('')
    // As a start leaves it that was killed before the row told of it.
    const id = await ok('inspect', 'fails', '--format', '{{.Id}}')
    const left = join(sandbox().directory, 'run/podwright/secrets', id)
    mkdirSync(left, { recursive: true })
    writeFileSync(join(left, '0'), 'sesame-left-open')
    chownSync(join(left, '..'), role.uid, role.gid)
    chownSync(left, role.uid, role.gid)
    await ok('rm', 'fails')
    expect(filesWith('sesame')).toBe('')
    await ok('volume', 'rm', 'vol')
    await ok('secret', 'rm', 'open')
  })

  test('they can be read in the container whoever starts it with what umask', async () => {
    await keep('read', 'sesame')
    const look = 'cat /run/secrets/read /deep/er/read'
    const words = [
      'run',
      '--rm',
      '--network',
      'none',
      '-u',
      '7',
      '--secret',
      'read',
      '--secret',
      'read,target=/deep/er/read',
      busybox,
      'sh',
      '-c',
      look,
    ]
    const command = ['-c', 'umask 077; exec "$@"', 'sh', ...sandbox().words(words)]
    expect(execFileSync('sh', command, { env: sandbox().env, encoding: 'utf8' })).toBe('sesamesesame')
    await ok('secret', 'rm', 'read')
  })

  test('without the key they stay closed, and the error says so', async () => {
    await keep('locked', 'x')
    const key = join(sandbox().home, 'store/secrets.key')
    expect(existsSync(key)).toBe(true)
    execFileSync('mv', [key, `${key}.away`])
    const { code, stderr } = await sandbox().podwright(['secret', 'inspect', '--showsecret', 'locked'])
    expect({ code, stderr }).toMatchObject({
      code: 125,
      stderr: expect.stringContaining(`cannot open the secret with the key in ${key}: it is not there`),
    })
    execFileSync('mv', [`${key}.away`, key])
    expect(await ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'locked')).toBe('x')
    await ok('secret', 'rm', 'locked')
  })
})
