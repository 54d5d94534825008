import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineTest } from '../harness/roles-suite.ts'
import { asRole, type Role, roles } from '../harness/role.ts'
import { type RunResult, start } from '../harness/run.ts'
import { createSandbox, type Sandbox } from '../harness/sandbox.ts'

const workspace = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
/** Where distributions put an old Node, if they have one at all. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const able = roles.filter((role) => role.missing === undefined)

interface Clone {
  readonly directory: string
  readonly sandbox: Sandbox
  /** Runs `./podwright`. */
  podwright(...args: readonly string[]): Promise<RunResult>
}

/** Clones the workspace as it is committed, for a role. */
function makeClone(role: Role): Clone {
  const parent = mkdtempSync(join(tmpdir(), 'podwright-clone-'))
  chmodSync(parent, 0o755)
  chownSync(parent, role.uid, role.gid)
  const directory = join(parent, 'podwright')
  const words = ['git', '-c', 'safe.directory=*', 'clone', '--quiet', '--no-hardlinks', `file://${workspace}`, directory]
  execFileSync('git', words.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] })
  if (role.uid !== process.getuid?.()) execFileSync('chown', ['-R', `${role.uid}:${role.gid}`, directory])
  return runIn(directory, role)
}

function runIn(directory: string, role: Role): Clone {
  const sandbox = createSandbox(role)
  const own = ['--root', join(sandbox.home, 'store'), '--runroot', join(sandbox.directory, 'run/podwright')]
  const npm = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cafile)|NODE_EXTRA_CA_CERTS|https?_proxy)$/i.test(name),
  )
  const env = { ...sandbox.env, ...(Object.fromEntries(npm) as Record<string, string>), PATH: systemPath }
  return {
    directory,
    sandbox,
    podwright: (...args) => start([...asRole(role), join(directory, 'podwright'), ...own, ...args], env, { timeoutMs: 400_000 }).result,
  }
}

describe.each(able)('a fresh clone of $name', (role) => {
  const [, user] = roles
  let clone: Clone
  beforeAll(() => {
    clone = makeClone(role)
  })
  afterAll(async () => {
    await clone.sandbox[Symbol.asyncDispose]()
    rmSync(join(clone.directory, '..'), { recursive: true, force: true })
  })

  defineTest('before it is set up, who may only read it is told whose turn it is', { concerns: !role.rootless }, async () => {
    const theirs = runIn(clone.directory, user!)
    await using _ = theirs.sandbox
    const { code, stdout, stderr } = await theirs.podwright('run', '--rm', 'hello')
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(/not set up yet/)
  })

  test('the first command sets it up, says so on stderr, and runs', { timeout: 420_000 }, async () => {
    const { code, stdout, stderr } = await clone.podwright('run', '--rm', 'hello')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^hello/i)
    expect(stderr).toMatch(/\[1\/2\] Node and npm packages/)
    expect(stderr).toMatch(/\[2\/2\] building the command: done/)
  })

  test('the second one starts at once', async () => {
    const { code, stdout, stderr } = await clone.podwright('run', '--rm', 'hello')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^hello/i)
  })

  test('two that find a source changed build it once', async () => {
    appendFileSync(join(clone.directory, 'packages/conventions/src/index.ts'), '\n')
    const results = await Promise.all([1, 2, 3].map(() => clone.podwright('--version')))
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(results.filter(({ stderr }) => stderr.includes('building the command: done'))).toHaveLength(1)
    expect((await clone.podwright('--version')).stderr).toBe('')
  })

  defineTest('who may only read it runs it, also when a source is newer', { concerns: !role.rootless }, async () => {
    appendFileSync(join(clone.directory, 'packages/conventions/src/index.ts'), '\n')
    const theirs = runIn(clone.directory, user!)
    await using _ = theirs.sandbox
    const { code, stdout, stderr } = await theirs.podwright('run', '--rm', 'hello')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^hello/i)
  })
})
