import type { ContainerOptions } from '@podwright/contracts'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { podwright, type Ran, type RunOptions } from '../fixtures/program.ts'

const directory = mkdtempSync(join(tmpdir(), 'podwright-cli-'))
const file = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

/** What `create` hands to the engine. */
async function created(
  words: readonly string[],
  options: RunOptions = {},
): Promise<ContainerOptions & { readonly ran: Ran; readonly signal?: AbortSignal | undefined }> {
  let given: ContainerOptions | undefined
  const ran = await podwright(['create', ...words], {
    ...options,
    containers: {
      create: async (asked) => {
        given = asked
        return { id: 'abc', name: 'x', warnings: ['the limit was lowered'] }
      },
    },
  })
  if (given === undefined) throw new Error(ran.stderr)
  return { ...given, ran }
}

describe('flags become options', () => {
  test.each<[readonly string[], Partial<ContainerOptions>]>([
    [['debian'], { image: 'debian', createCommand: ['podwright', 'create', 'debian'] }],
    [['debian', 'ls', '-la', '--rm'], { image: 'debian', command: ['ls', '-la', '--rm'] }],
    [['--rootfs', '--name', 'x', '/srv/root', 'ls'], { image: '', root: { directory: '/srv/root', overlay: false }, command: ['ls'] }],
    [['--rootfs', 'root:O', 'ls'], { image: '', root: { directory: resolve('root'), overlay: true } }],
    [['--rootfs', '/a:b/c:d', 'ls'], { root: { directory: '/a:b/c:d', overlay: false } }],
    [['-it', '--rm', 'debian'], { terminal: true, stdin: true, autoRemove: true }],
    [
      ['--name', 'web', '-w', '/srv', '-u', '1:2', '-h', 'box', 'debian'],
      { name: 'web', workingDirectory: '/srv', user: '1:2', hostname: 'box' },
    ],
    [['--entrypoint', 'sh', 'debian', '-c', 'x'], { entrypoint: ['sh'], command: ['-c', 'x'] }],
    [['--entrypoint', '["a","b c"]', 'debian'], { entrypoint: ['a', 'b c'] }],
    [['--entrypoint', '[', 'debian'], { entrypoint: ['['] }],
    [['--entrypoint=', 'debian'], { entrypoint: [] }],
    [['--network', 'none', 'debian'], { network: 'none' }],
    [['--net=bridge', 'debian'], { network: 'private' }],
    [['--net=container:web', 'debian'], { network: 'container:web' }],
    [['--network', 'ns:/run/netns/x', 'debian'], { network: 'ns:/run/netns/x' }],
    [['--read-only', '--privileged', 'debian'], { readOnlyRoot: true, privileged: true }],
    [
      ['--cap-add', 'NET_ADMIN,SYS_TIME', '--cap-drop=ALL', 'debian'],
      { capabilitiesAdd: ['NET_ADMIN', 'SYS_TIME'], capabilitiesDrop: ['ALL'] },
    ],
    [['--security-opt', 'no-new-privileges', 'debian'], { noNewPrivileges: true }],
    [['--security-opt', 'no-new-privileges:false', '--security-opt=label=disable', 'debian'], { noNewPrivileges: false }],
    [['--security-opt', 'seccomp=unconfined', 'debian'], { seccompProfile: 'unconfined' }],
    [['--security-opt', 'seccomp=p.json', 'debian'], { seccompProfile: resolve('p.json') }],
    [['--security-opt', 'mask=/a:/b', '--security-opt', 'mask:/c', 'debian'], { maskedPaths: ['/a', '/b', '/c'] }],
    [['--security-opt', 'unmask=/proc/*', 'debian'], { unmaskedPaths: ['/proc/*'] }],
    [['--security-opt', 'unmask=all', 'debian'], { unmaskedPaths: ['ALL'] }],
    [['--security-opt', 'systempaths=unconfined', 'debian'], { unmaskedPaths: ['ALL'] }],
    [
      ['--ulimit', 'nofile=10:20', '--ulimit=core=-1', 'debian'],
      {
        resourceLimits: [
          { name: 'nofile', soft: 10, hard: 20 },
          { name: 'core', soft: -1, hard: -1 },
        ],
      },
    ],
    [['--stop-signal', 'HUP', '--stop-timeout', '3', 'debian'], { stopSignal: 'HUP', stopTimeoutSeconds: 3 }],
    [['-l', 'a=b', '--label', 'c', '-l=d=e=f', 'debian'], { labels: { a: 'b', c: '', d: 'e=f' } }],
    [['-l', '__proto__=x', 'debian'], { labels: JSON.parse('{"__proto__":"x"}') }],
    [['--platform', 'linux/arm64/v8', 'debian'], { platform: { os: 'linux', architecture: 'arm64' } }],
    [['--arch', 'aarch64', 'debian'], { platform: { os: 'linux', architecture: 'arm64' } }],
    [['-v', '/a:/b', 'debian'], { mounts: [{ type: 'bind', source: '/a', target: '/b' }] }],
    [
      ['-v', './a:/b:ro,Z,rshared', 'debian'],
      { mounts: [{ type: 'bind', source: resolve('a'), target: '/b', readOnly: true, options: ['rshared'], relabel: 'private' }] },
    ],
    [['-v', '/data', 'debian'], { mounts: [{ type: 'volume', target: '/data' }] }],
    [['-v', 'data:/data', 'debian'], { mounts: [{ type: 'volume', source: 'data', target: '/data' }] }],
    [
      ['-v', 'data:/data:ro,nocopy,U,z,nosuid', 'debian'],
      {
        mounts: [
          {
            type: 'volume',
            source: 'data',
            target: '/data',
            readOnly: true,
            changeOwner: true,
            relabel: 'shared',
            options: ['nosuid'],
            volume: { noCopy: true },
          },
        ],
      },
    ],
    [
      [
        '--mount',
        'src=data,dst=/data,volume-driver=local,volume-opt=type=tmpfs,"volume-opt=o=size=1m,mode=700",volume-label=a=1,volume-nocopy',
        'debian',
      ],
      {
        mounts: [
          {
            type: 'volume',
            source: 'data',
            target: '/data',
            volume: { noCopy: true, driver: 'local', options: { type: 'tmpfs', o: 'size=1m,mode=700' }, labels: { a: '1' } },
          },
        ],
      },
    ],
    [
      ['--mount', 'type=volume,target=/data,ro,U=true', 'debian'],
      { mounts: [{ type: 'volume', target: '/data', readOnly: true, changeOwner: true }] },
    ],
    [['--mount', 'type=bind,src=/a,dst=/b,chown', 'debian'], { mounts: [{ type: 'bind', source: '/a', target: '/b', changeOwner: true }] }],
    [
      ['--volumes-from', 'web', '--volumes-from=db:ro', '--volumes-from=x:rw,z', 'debian'],
      { volumesFrom: [{ container: 'web' }, { container: 'db', readOnly: true }, { container: 'x', readOnly: false }] },
    ],
    [['--image-volume', 'bind', '--volume-driver', 'cloud', 'debian'], { imageVolumes: 'volume', volumeDriver: 'cloud' }],
    [['--image-volume=tmpfs', 'debian'], { imageVolumes: 'tmpfs' }],
    [['--image-volume=ignore', 'debian'], { imageVolumes: 'ignore' }],
    [
      ['--mount', 'type=bind,"src=/a,b",dst=/c,readonly,bind-propagation=rslave', 'debian'],
      { mounts: [{ type: 'bind', source: '/a,b', target: '/c', readOnly: true, options: ['rslave'] }] },
    ],
    [
      ['--mount', 'type=tmpfs,destination=/t,tmpfs-size=64m,tmpfs-mode=1770,ro=false', 'debian'],
      { mounts: [{ type: 'tmpfs', target: '/t', options: ['size=64m', 'mode=1770'] }] },
    ],
    [
      ['--tmpfs', '/t:size=1m,noexec', '--tmpfs=/u', 'debian'],
      {
        mounts: [
          { type: 'tmpfs', target: '/t', options: ['size=1m', 'noexec'] },
          { type: 'tmpfs', target: '/u' },
        ],
      },
    ],
  ])('%j', async (words, expected) => {
    expect(await created(words)).toMatchObject(expected)
  })

  test('nothing is asked for that was not typed', async () => {
    const { ran: _, pull, signal, createCommand, ...rest } = await created(['debian'])
    expect(rest).toEqual({ image: 'debian' })
    expect(pull).toMatchObject({ policy: 'missing' })
    expect(signal).toBeInstanceOf(AbortSignal)
    expect(createCommand).toEqual(['podwright', 'create', 'debian'])
  })

  test('the pull', async () => {
    const words = ['--pull=never', '--tls-verify=false', '--creds', 'me:a:b', '--authfile', 'auth.json', 'debian']
    expect((await created(words)).pull).toMatchObject({
      policy: 'never',
      tlsVerify: false,
      credentials: { username: 'me', password: 'a:b' },
      authFile: resolve('auth.json'),
    })
  })

  test('environment: files first, then flags, names without a value from here', async () => {
    const path = file('env', '\uFEFF# a comment\nA=1\n\n  B=two words # kept\nHERE\nNOT_HERE\nC="quoted"\r\n')
    const words = ['--env-file', path, '-e', 'A=2', '-e', 'ALSO', '-e', 'MISSING', '-e', 'EMPTY=', 'debian']
    expect((await created(words, { env: { HERE: 'h', ALSO: 'o' } })).environment).toEqual({
      A: '2',
      B: 'two words # kept',
      HERE: 'h',
      C: '"quoted"',
      ALSO: 'o',
      EMPTY: '',
    })
  })

  test('labels from a file', async () => {
    expect((await created(['--label-file', file('labels', 'a=b\nc\n'), '-l', 'a=z', 'debian'])).labels).toEqual({ a: 'z', c: '' })
  })

  test('--cidfile gets the id, the id is printed, warnings go to stderr', async () => {
    const path = join(directory, 'cid')
    const { ran } = await created(['--cidfile', path, 'debian'])
    expect(ran).toMatchObject({ code: 0, stdout: 'abc\n', stderr: 'Warning: the limit was lowered\n' })
    expect(readFileSync(path, 'utf8')).toBe('abc')
    const again = await podwright(['create', '--cidfile', path, 'debian'])
    expect(again.code).toBe(125)
    expect(again.stderr).toContain('it is there already')
  })

  test('warnings can be silenced', async () => {
    expect((await created(['--log-level', 'error', 'debian'])).ran.stderr).toBe('')
  })
})

describe('what makes no sense is refused before the engine is opened', () => {
  test.each([
    [['-v', 'da/ta:/b', 'x'], 'invalid volume "da/ta"'],
    [['-v', '-data:/b', 'x'], 'invalid volume "-data"'],
    [['-v', 'only', 'x'], 'it is not an absolute path below /'],
    [['-v', '/', 'x'], 'it is not an absolute path below /'],
    [['-v', 'data:/b:O', 'x'], 'cannot honour the option "O"'],
    [['-v', 'data:/b:copy,nocopy', 'x'], 'copy and nocopy contradict each other'],
    [['-v', '/a:/b:nocopy', 'x'], 'cannot honour the option "nocopy"'],
    [['-v', 'data:/b:z,Z', 'x'], 'z and Z contradict each other'],
    [['-v', 'data:/b', '-v', '/b', 'x'], 'two mounts go to /b'],
    [['--volumes-from', ':ro', 'x'], 'it is not CONTAINER or CONTAINER:OPTIONS'],
    [['--volumes-from', 'web:ro:rw', 'x'], 'it is not CONTAINER or CONTAINER:OPTIONS'],
    [['--volumes-from', 'web:ro,rw', 'x'], 'ro and rw contradict each other'],
    [['--volumes-from', 'web:nocopy', 'x'], 'invalid option "nocopy" in --volumes-from'],
    [['--image-volume', 'copy', 'x'], 'it is one of anonymous, bind, tmpfs, ignore'],
    [['-v', '/a:/b:ro:x', 'x'], 'it is not DIR, SOURCE:DIR or SOURCE:DIR:OPTIONS'],
    [['-v', '/a:b', 'x'], 'it is not an absolute path below /'],
    [['-v', '/a:/', 'x'], 'it is not an absolute path below /'],
    [['-v', 'data:/b:idmap', 'x'], "a volume has the container's ids anyway"],
    [['-v', '/a:/b:idmap,idmap=uids=0-1-2;gids=0-1-2', 'x'], 'idmap stands twice'],
    [['-v', '/a:/b:idmap=uids=0-1-2', 'x'], 'invalid map "idmap=uids=0-1-2"'],
    [['-v', '/a:/b:idmap=uids=0-1-0;gids=0-1-1', 'x'], 'it is idmap=uids=FROM-TO-SIZE;gids=FROM-TO-SIZE'],
    [['--mount', 'type=bind,src=/a,dst=/b,idmap=sometimes', 'x'], 'invalid map "idmap=sometimes"'],
    [['-v', '/a:/b:roo', 'x'], 'invalid option "roo"'],
    [['-v', '/a:/b:ro,rw', 'x'], 'ro and rw contradict each other'],
    [['-v', '/a:/b', '--tmpfs', '/b', 'x'], 'two mounts go to /b'],
    [['--mount', 'type=bind,dst=/b', 'x'], 'has no source'],
    [['--mount', 'type=bond,src=/a,dst=/b', 'x'], 'invalid type "bond"'],
    [['--mount', 'type=volume,src=x', 'x'], 'has no destination'],
    [['--mount', 'type=volume,src=a/b,dst=/b', 'x'], 'invalid volume "a/b"'],
    [['--mount', 'type=volume,dst=/b,volume-subpath=../x', 'x'], 'invalid subpath "../x"'],
    [['--mount', 'type=image,src=x,dst=/b,subpath=/', 'x'], 'invalid subpath "/"'],
    [['--mount', 'type=image,src=x,dst=/b,U', 'x'], 'unknown field "U"'],
    [['--mount', 'type=image,dst=/b', 'x'], 'has no source'],
    [['--mount', 'type=artifact,src=x,dst=/b,ro=false', 'x'], 'unknown field "readonly"'],
    [['--mount', 'type=bind,src=/a,dst=/b,bind-recursive=some', 'x'], 'invalid bind-recursive "some"'],
    [['--mount', 'type=bind,src=/a,dst=/b,bind-recursive=readonly', 'x'], 'bind-recursive=readonly needs readonly'],
    [['--mount', 'type=bind,src=/a,dst=/b,bind-propagation=ro', 'x'], 'invalid bind-propagation "ro"'],
    [['--mount', 'type=bind,src=/a,dst=/b,relabel=mine', 'x'], 'invalid relabel "mine"'],
    [['--mount', 'type=bind,src=/a,dst=/b,consistency=some', 'x'], 'invalid consistency "some"'],
    [['--mount', 'type=tmpfs,dst=/b,colour', 'x'], 'unknown field "colour"'],
    [['--mount', 'type=tmpfs,dst=/b,tmpfs-mode=9', 'x'], 'invalid value "9" of mode'],
    [['--mount', 'type=volume,dst=/b,volume-opt=o=a,volume-opt=o=b', 'x'], 'gives o two values'],
    [['--mount', 'type=volume,dst=/b,volume-nocopy=perhaps', 'x'], 'it is true or false'],
    [['--mount', 'type=bind,src=/a,dst=/b,volume-opt=o=a', 'x'], 'unknown field "volume-opt"'],
    [['--mount', 'type=npipe,src=x,dst=/b', 'x'], 'does not have mounts of type npipe yet'],
    [['--mount', 'type=tmpfs,dst=/b,colour=red', 'x'], 'unknown field "colour"'],
    [['--mount', 'type=glob,src=/nonexistent/*,dst=/b', 'x'], 'nothing on this host matches the source of'],
    [['--mount', 'type=glob,src=/etc/passw?,dst=b', 'x'], 'invalid destination "b/passwd"'],
    [['--mount', 'type=ramfs,src=x,dst=/b', 'x'], 'unknown field "source"'],
    [['--mount', 'type=ramfs,dst=/b,size=1m', 'x'], 'unknown field "size"'],
    [['--mount', 'type=devpts,dst=/b,max=many', 'x'], 'invalid value "many" of max'],
    [['--mount', 'type=devpts,dst=/b,mode=9', 'x'], 'invalid value "9" of mode'],
    [['--mount', 'type=tmpfs,dst=/b,ro=maybe', 'x'], 'it is true or false'],
    [['--network', 'mine', 'x'], 'does not have networks by name yet'],
    [['--network', 'toString', 'x'], 'does not have networks by name yet'],
    [['--ulimit', 'nofile', 'x'], 'it is not NAME=SOFT'],
    [['--ulimit', 'nofile=many', 'x'], 'many is no limit'],
    [['--security-opt', 'seccomp', 'x'], 'invalid value "seccomp" for --security-opt'],
    [['--security-opt', 'mask=/x:y', 'x'], 'after it come absolute paths'],
    [['--security-opt', 'unmask', 'x'], 'invalid value "unmask" for --security-opt'],
    [['--security-opt', 'apparmor=mine', 'x'], 'does not have it yet'],
    [['--creds', 'me', 'x'], 'it is not USER:PASSWORD'],
    [['--platform', 'linux/arm64', '--arch', 'arm64', 'x'], 'give one or the other'],
    [['--platform', 'a/b/c/d', 'x'], 'cannot read "a/b/c/d" as a platform'],
    [['-e', '=x', 'x'], 'its name is empty'],
    [['-e', 'A B=x', 'x'], 'has white space'],
    [['-l', '=x', 'x'], 'its name is empty'],
    [['--env-file', '/nonexistent/file', 'x'], 'cannot read /nonexistent/file, named by --env-file: there is no such file'],
    [['--pull', 'sometimes', 'x'], 'it is one of always, missing, newer, never'],
  ])('%j', async (words, message) => {
    const { code, stderr, choice } = await podwright(['create', ...words])
    expect(stderr).toContain(message)
    expect(code).toBe(125)
    expect(choice).toBeUndefined()
  })

  test('a password is never repeated', async () => {
    const { stderr } = await podwright(['create', '--creds', ':secret', '--log-level', 'debug', 'x'])
    expect(stderr).not.toContain('secret')
  })
})
