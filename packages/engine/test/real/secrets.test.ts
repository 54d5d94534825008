import type { ContainerOptions, ContainerSecret, Engine } from '@podwright/contracts'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cannotRun } from '../support/busybox.ts'
import { type EngineSandbox, eventually, openSandbox } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: real containers: ${cannotRun}\n`)

describe.skipIf(cannotRun !== undefined)('a container’s secrets', () => {
  let sandbox: EngineSandbox
  let engine: Engine

  beforeEach(async () => {
    sandbox = await openSandbox()
    engine = sandbox.engine
    await engine.secrets.create({ name: 'word', data: Buffer.from('sesame') })
  })
  afterEach(() => sandbox[Symbol.asyncDispose]())

  async function make(script: string, options: Partial<ContainerOptions> = {}): Promise<string> {
    return (await engine.containers.create({ image: 'busybox', network: 'none', command: ['sh', '-c', script], ...options })).id
  }

  /** Ids of containers whose secrets are open. */
  const open = (): string[] => (existsSync(join(sandbox.runRoot, 'secrets')) ? readdirSync(join(sandbox.runRoot, 'secrets')) : [])
  const volume: Partial<ContainerOptions> = { mounts: [{ type: 'volume', source: 'kept', target: '/kept' }] }
  const secrets: readonly ContainerSecret[] = [{ secret: 'word' }]

  test('are closed again when a start fails, with volumes and without', async () => {
    for (const options of [volume, {}]) {
      const id = await make('true', { secrets, user: 'nobody-knows', ...options })
      await expect(engine.containers.start(id)).rejects.toMatchObject({ code: 'ERR_USER_NOT_FOUND' })
      expect(open()).toEqual([])
      expect((await engine.containers.inspect(id)).state).toMatchObject({
        status: 'created',
        error: expect.stringContaining('nobody-knows'),
      })
      await engine.containers.remove(id)
    }
  })

  test('of a start that was killed are closed by who comes next', async () => {
    const client = fileURLToPath(new URL('../support/start-client.ts', import.meta.url))
    const fifo = join(sandbox.root, '..', 'key')
    execFileSync('mkfifo', [fifo])
    const id = await make('true', { ...volume, secrets: [...secrets, { secret: 'word', target: 'second' }] })
    const child = spawn(process.execPath, ['-C', '@podwright/source', client, sandbox.root, sandbox.runRoot, id], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PODWRIGHT_SECRETS_KEY: fifo },
    })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    // It opens the first secret, and waits for the key to the second one.
    execFileSync('cp', ['--', join(sandbox.root, 'secrets.key'), `${fifo}.copy`])
    await once(spawn('sh', ['-c', 'cat "$1.copy" > "$1"', 'sh', fifo]), 'exit')
    await eventually(
      () => open(),
      (ids) => ids.includes(id) && existsSync(join(sandbox.runRoot, 'secrets', id, 'shared/word')),
    )
    expect(existsSync(join(sandbox.runRoot, 'secrets', id, 'shared/word'))).toBe(true)
    child.kill('SIGKILL')
    await ended
    const [found] = await engine.containers.list({ all: true })
    expect(found?.id).toBe(id)
    expect(open()).toEqual([])
    await engine.containers.start(id, { streams: {} })
    expect(open()).toEqual([])
  })

  test('that a version before left open go with the container, and with the rest; so does the key', async () => {
    const leave = (id: string): void => {
      mkdirSync(join(sandbox.runRoot, 'secrets', id, 'shared'), { recursive: true })
      writeFileSync(join(sandbox.runRoot, 'secrets', id, 'shared/word'), 'sesame')
    }
    const id = await make('true', { secrets })
    leave(id)
    await engine.containers.remove(id)
    expect(open()).toEqual([])
    leave(id)
    writeFileSync(join(sandbox.root, 'secrets.key.0a1b2c3d'), 'a kill while it was made')
    const gone = { directories: [sandbox.runRoot, sandbox.root], kept: [] }
    expect(await engine.system.reset({ dryRun: true })).toMatchObject(gone)
    expect(await engine.system.reset()).toMatchObject(gone)
    expect([sandbox.root, sandbox.runRoot].filter((path) => existsSync(path))).toEqual([])
  })

  test('have their modes whatever the umask is', async () => {
    const before = process.umask(0o077)
    try {
      const chunks: Buffer[] = []
      const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) })
      const id = await make('stat -c %a /run/secrets /run/secrets/word /w /etc/hosts /etc/hostname; cat /run/secrets/word', {
        user: 'web',
        secrets: [...secrets, { secret: 'word', target: '/w', mode: 0o666 }],
      })
      await engine.containers.start(id, { streams: { stdout, stderr: stdout } })
      expect(Buffer.concat(chunks).toString()).toBe('755\n444\n666\n644\n644\nsesame')
    } finally {
      process.umask(before)
    }
  })

  test('that can not be given are refused by name before there is a container', async () => {
    await engine.secrets.create({ name: 'nul', data: Buffer.from('a\0b') })
    const refused = { code: 'ERR_CONTAINER_OPTION_INVALID' }
    await expect(make('true', { secrets: [{ secret: 'nul', type: 'env' }] })).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('the secret nul has a null byte'),
    })
    for (const target of ['', '/', '/etc/', 'a/.', '..', '.', '/etc/..', 'a\0b']) {
      await expect(make('true', { secrets: [{ secret: 'word', target }] })).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(/^the target ".*" of the secret word is no file$/),
      })
    }
    for (const name of ['io.podwright.secret-variables', 'io.podwright.container.name']) {
      await expect(make('true', { annotations: { [name]: 'X' } })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining(`the annotation ${name} is the engine's own`),
      })
    }
    expect(await engine.containers.list({ all: true })).toEqual([])
  })

  test('that are variables are those of commands run inside, too, and lie on no disk', async () => {
    const id = await make('exec sleep 300', { secrets: [{ secret: 'word', type: 'env', target: 'WORD' }] })
    await engine.containers.start(id)
    const chunks: Buffer[] = []
    const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) })
    await engine.containers.exec(id, {
      command: ['sh', '-c', 'echo "$WORD $OTHER"'],
      environment: { WORD: 'x', OTHER: 'y' },
      streams: { stdout },
    })
    expect(Buffer.concat(chunks).toString()).toBe('sesame y\n')
    await engine.containers.exec(id, { command: ['sh', '-c', 'echo "$WORD" > /seen; exec sleep 300'] })
    const { spec, paths } = await engine.containers.inspect(id)
    expect(JSON.stringify(spec)).not.toContain('sesame')
    expect(readFileSync(join(paths.bundle, 'config.json'), 'utf8')).not.toContain('sesame')
    const holders = await eventually(
      () => execFileSync('sh', ['-c', 'grep -rlF sesame "$1" || true', 'sh', sandbox.root], { encoding: 'utf8' }).trim().split('\n'),
      (files) => files[0] !== '',
    )
    // The command has written it there itself.
    expect(holders).toEqual([expect.stringMatching(/\/seen$/)])
    expect(readdirSync(join(sandbox.runRoot, 'secrets', id))).toEqual(['config.json', 'shared'])
    await engine.containers.remove(id, { force: true })
  })

  test('have the names and sizes that podman takes', async () => {
    const create = (name: string, bytes = 1): Promise<unknown> => engine.secrets.create({ name, data: Buffer.alloc(bytes, 'x') })
    for (const name of ['a', 'a_', 'a.-_', 'a--b', 'x'.repeat(253)]) expect(await create(name)).toMatchObject({ name })
    for (const name of ['', '-a', '.a', '_a', 'a-', 'a.', 'a_.', 'a b', 'a/b', 'a=b', 'a,b', 'é', 'a\n', 'x'.repeat(254)])
      await expect(create(name)).rejects.toMatchObject({ code: 'ERR_SECRET_NAME_INVALID' })
    expect(await create('most', 511_999)).toMatchObject({ name: 'most' })
    await expect(create('more', 512_000)).rejects.toMatchObject({ code: 'ERR_SECRET_SIZE' })
    await expect(create('none', 0)).rejects.toMatchObject({ code: 'ERR_SECRET_SIZE' })
  })
})
