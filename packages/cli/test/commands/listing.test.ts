import type { ContainerSummary } from '@podwright/contracts'
import { describe, expect, test } from 'vitest'
import { ago, exited, image, summary } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const containers = [exited(3), summary()]
const list = async ({ all = false }: { readonly all?: boolean } = {}): Promise<readonly ContainerSummary[]> =>
  all ? containers : containers.filter(({ state }) => state.status === 'running')

describe('ps', () => {
  test('shows what runs', async () => {
    const { stdout, code } = await podwright('ps', { containers: { list } })
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "CONTAINER ID   IMAGE                         COMMAND       CREATED         STATUS         PORTS   NAMES
      a1b2c3d4e5f6   docker.io/library/debian:12   "sleep 100"   3 minutes ago   Up 3 minutes           web
      "
    `)
  })

  test('shows all, the newest first', async () => {
    const { stdout } = await podwright('ps -a --no-trunc', { containers: { list } })
    expect(stdout).toMatchInlineSnapshot(`
      "CONTAINER ID                                                       IMAGE                         COMMAND       CREATED         STATUS                   PORTS   NAMES
      a1b2c3d4e5f60000000000000000000000000000000000000000000000000000   docker.io/library/debian:12   "sleep 100"   3 minutes ago   Up 3 minutes                     web
      b0b0b0b0b0b01111111111111111111111111111111111111111111111111111   docker.io/library/debian:12   "sleep 100"   2 hours ago     Exited (3) 2 hours ago           job
      "
    `)
  })

  test.each([
    ['ps -q', ['a1b2c3d4e5f6']],
    ['ps -aq', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -l -q', ['a1b2c3d4e5f6']],
    ['ps -n 1 -q', ['a1b2c3d4e5f6']],
    ['ps -n5 -q', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -q -f status=exited', ['b0b0b0b0b0b0']],
    ['ps -q -f exited=3', ['b0b0b0b0b0b0']],
    ['ps -q -f exited=4', []],
    ['ps -aq -f status=exited -f status=running', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -aq -f name=^we', ['a1b2c3d4e5f6']],
    ['ps -aq -f name=(', []],
    ['ps -q -f name=job', []],
    ['ps -aq -f id=b0b0', ['b0b0b0b0b0b0']],
    ['ps -aq -f label=tier', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -aq -f label=tier=front -f label=a.b=', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -aq -f label=tier=back', []],
    ['ps -aq -f label=toString', []],
    ['ps -aq -f ancestor=debian:12', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -aq -f ancestor=debian', []],
    ['ps -aq -f ancestor=dddd', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -aq -f network=bridge', ['a1b2c3d4e5f6', 'b0b0b0b0b0b0']],
    ['ps -aq -f since=job', ['a1b2c3d4e5f6']],
    ['ps -aq -f before=web', ['b0b0b0b0b0b0']],
  ])('%s', async (line, ids) => {
    const { stdout, stderr } = await podwright(line, { containers: { list } })
    expect(stderr).toBe('')
    expect(stdout.split('\n').filter((id) => id !== '')).toEqual(ids)
  })

  test.each([
    ['ps -f status=ended', 'Error: invalid status "ended" in --filter'],
    ['ps -f since=nobody', 'Error: cannot filter by container "nobody"'],
    ['ps -f name', 'Error: invalid value "name" for --filter: it is not NAME=VALUE'],
    ['ps --format xml', 'Error: invalid value "xml" for --format'],
  ])('%s is refused', async (line, message) => {
    const { code, stderr } = await podwright(line, { containers: { list } })
    expect(code).toBe(125)
    expect(stderr).toContain(message)
  })

  test("--format json is podman's array", async () => {
    const { stdout } = await podwright('ps -a --format json', { containers: { list } })
    const [web, job] = JSON.parse(stdout)
    expect(web).toMatchObject({
      Id: summary().id,
      Names: ['web'],
      Command: ['sleep', '100'],
      State: 'running',
      Pid: 4711,
      Labels: { tier: 'front' },
    })
    expect(job).toMatchObject({ Names: ['job'], State: 'exited', ExitCode: 3, Exited: true, Status: 'Exited (3) 2 hours ago' })
  })

  test("--format '{{json .}}' is docker's line", async () => {
    const { stdout } = await podwright(['ps', '--format', '{{json .}}'], { containers: { list } })
    expect(JSON.parse(stdout)).toMatchObject({
      ID: 'a1b2c3d4e5f6',
      Names: 'web',
      Command: '"sleep 100"',
      CreatedAt: '2026-01-31 11:56:40 +0000 UTC',
      Labels: 'tier=front,a.b=',
      Status: 'Up 3 minutes',
    })
  })

  test.each([
    [{ status: 'created', startedAt: undefined }, 'Created'],
    [{ status: 'paused' }, 'Up 3 minutes (Paused)'],
    [{ status: 'stopping' }, 'Stopping'],
    [{ status: 'exited', exitCode: -1, finishedAt: ago(5) }, 'Exited (unknown) 5 seconds ago'],
    [{ status: 'exited', exitCode: 137, finishedAt: undefined }, 'Exited (137)'],
  ] as const)('status %j', async (state, text) => {
    const one = summary({ state: { ...summary().state, ...state } })
    const { stdout } = await podwright('ps -a --format json', { containers: { list: async () => [one] } })
    expect(JSON.parse(stdout)[0].Status).toBe(text)
  })

  test('a command with control characters stays on its line', async () => {
    const one = summary({ command: ['sh', '-c', 'echo\n\u001b[31mx'] })
    const { stdout } = await podwright('ps', { containers: { list: async () => [one] } })
    expect(stdout.split('\n')).toHaveLength(3)
    // oxlint-disable-next-line no-control-regex -- an escape is what must not be there
    expect(stdout).not.toMatch(/\u001b/)
  })
})

describe('images', () => {
  const untagged = image({ id: `sha256:${'1'.repeat(64)}`, names: [], digests: [], created: undefined, sizeBytes: 3200, labels: {} })
  const two = image({ names: ['127.0.0.1:5000/team/app:1', 'docker.io/library/debian:12'] })
  const images = { list: async () => [two, untagged] }

  test('a line for each name', async () => {
    const { stdout } = await podwright('images', { images })
    expect(stdout).toMatchInlineSnapshot(`
      "REPOSITORY                 TAG      IMAGE ID       CREATED       SIZE
      127.0.0.1:5000/team/app    1        dddddddddddd   3 weeks ago   170MB
      docker.io/library/debian   12       dddddddddddd   3 weeks ago   170MB
      <none>                     <none>   111111111111   N/A           3.2kB
      "
    `)
  })

  test('digests', async () => {
    const { stdout } = await podwright('images --digests --noheading debian', { images })
    expect(stdout).toBe(`docker.io/library/debian   12   sha256:${'e'.repeat(64)}   dddddddddddd   3 weeks ago   170MB\n`)
  })

  test.each([
    ['images -q', ['dddddddddddd', '111111111111']],
    ['images -q --no-trunc -f dangling=true', [`sha256:${'1'.repeat(64)}`]],
    ['images -q -f dangling=false', ['dddddddddddd']],
    ['images -q debian:12', ['dddddddddddd']],
    ['images -q debian:13', []],
    ['images -q deb*', ['dddddddddddd']],
    ['images -q *', ['dddddddddddd']],
    ['images -q -f reference=127.0.0.1:5000/*/app', ['dddddddddddd']],
    ['images -q -f label=vendor=debian', ['dddddddddddd']],
    ['images -q -f before=debian:12', ['111111111111']],
    ['images -q -f since=1111', ['dddddddddddd']],
    ['image ls -q', ['dddddddddddd', '111111111111']],
  ])('%s', async (line, ids) => {
    const { stdout, stderr } = await podwright(line, { images })
    expect(stderr).toBe('')
    expect(stdout.split('\n').filter((id) => id !== '')).toEqual(ids)
  })

  test('--format json', async () => {
    const { stdout } = await podwright('images --format json', { images })
    expect(JSON.parse(stdout)).toMatchObject([{ Id: 'd'.repeat(64), RepoTags: two.names, Size: 170_400_000 }, { RepoTags: [] }])
  })

  test("--format '{{json .}}'", async () => {
    const { stdout } = await podwright(['images', '--format', '{{json .}}'], { images })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      Repository: 'docker.io/library/debian',
      Tag: '12',
      ID: 'dddddddddddd',
      Size: '170MB',
    })
  })
})
