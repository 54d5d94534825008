import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { guideCommands } from '../harness/guide-commands.ts'
import { type Image, makeImage, makeIndex } from '../harness/image.ts'
import { pushImage, type Registry, startRegistry } from '../harness/registry.ts'
import { asRole, type Role } from '../harness/role.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import { start } from '../harness/run.ts'
import type { Sandbox } from '../harness/sandbox.ts'

/** What is peculiar to a guide's commands; all others exit with 0. */
interface Guide {
  /** Typed before the first of them. */
  readonly before?: readonly string[]
  /** Beginnings of commands that are not typed here, and why. */
  readonly skipped?: Readonly<Record<string, string>>
  /** Exit statuses of commands that a plain user is refused. */
  readonly rootless?: Readonly<Record<string, number>>
  /** Exit statuses of commands that root is refused. */
  readonly root?: Readonly<Record<string, number>>
  /** It is typed by a plain user alone, since root's way is the same. @default false */
  readonly once?: boolean
}

const runWeb = 'podwright run -d --name web debian:12 sleep 1000'
const guides: Readonly<Record<string, Guide>> = {
  'docs/guides/getting-started.md': { once: true },
  'docs/guides/rootless.md': { once: true },
  'docs/guides/images.md': {
    once: true,
    skipped: {
      'podwright login': 'tried at a registry that asks, in images-registry.test.ts',
      'podwright image scp': 'needs another host',
    },
  },
  'docs/guides/events.md': { once: true, before: [runWeb] },
  'docs/guides/containers.md': {
    before: [runWeb],
    skipped: {
      'podwright container checkpoint': 'tried in container-checkpoints.test.ts, and where CRIU works in the virtual machine',
      'podwright container restore': 'tried in container-checkpoints.test.ts, and where CRIU works in the virtual machine',
    },
    rootless: {
      'podwright pause web': 125,
      'podwright unpause web': 125,
      'podwright update --memory 512m --cpus 1.5 web': 125,
      'podwright stats --no-stream': 125,
      "podwright stats --no-stream --format '{{.Name}}: {{.MemUsage}}' web": 125,
    },
  },
  'docs/guides/what-a-container-is-given.md': {},
  'docs/guides/keeping-containers-running.md': {
    once: true,
    skipped: { 'podwright system boot': "would change what this machine's user has started at boot; in the command's own tests" },
  },
  'docs/guides/health-checks.md': { once: true },
  'docs/guides/devices.md': {
    skipped: {
      'podwright run --rm --gpus': 'needs a GPU; described-devices.test.ts has the flag with devices of its own',
      'podwright run --rm --device nvidia.com': 'needs a GPU, too',
    },
  },
  'docs/guides/ports.md': {},
  'docs/guides/secrets.md': { once: true, before: ['printf s3cret > password.txt'] },
  'docs/guides/user-namespaces.md': {
    before: ['chmod o+x "$HOME" "$HOME/.."'],
    root: {
      'podwright run --rm --userns keep-id debian:12 id -u': 125,
      'podwright run --rm --userns keep-id:uid=1000,gid=1000 debian:12 id -u': 125,
    },
  },
  'docs/guides/logs.md': { once: true, before: [runWeb, runWeb.replace('web', 'db')] },
  'docs/guides/volumes.md': { rootless: { 'podwright volume create -o type=nfs -o device=:/export -o o=addr=10.0.0.1,rw shared': 125 } },
  'docs/guides/disk-space.md': { before: [runWeb], rootless: { 'podwright mount web': 125, 'podwright unmount web': 1 } },
  'docs/guides/formats.md': {
    once: true,
    before: ['podwright pull debian', runWeb],
    skipped: { 'podwright completion fish': 'for another shell, in completion.test.ts' },
  },
  'docs/guides/writing-a-driver.md': { once: true },
  'packages/cli/README.md': { once: true, skipped: { 'podwright logs -f': 'goes on until the container ends' } },
}

const top = new URL('../../', import.meta.url)
let registry: Registry
let place: string

beforeAll(async () => {
  registry = await startRegistry()
  const debian = makeIndex({ amd64: debianImage('amd64'), arm64: debianImage('arm64') })
  for (const tag of ['12', 'latest']) await pushImage(registry.address, 'library/debian', tag, debian)
  place = mkdtempSync(join(tmpdir(), 'podwright-guides-'))
  chmodSync(place, 0o755)
  const rules = ['docker.io', 'registry.example.com'].map(
    (prefix) => `[[registry]]\nprefix = "${prefix}"\nlocation = "${registry.address}"\ninsecure = true\n`,
  )
  writeFileSync(join(place, 'registries.conf'), rules.join('\n'))
})

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]()
  rmSync(place, { recursive: true, force: true })
})

test('every guide is tried', () => {
  const there = readdirSync(new URL('docs/guides', top)).map((name) => `docs/guides/${name}`)
  expect(Object.keys(guides)).toEqual(expect.arrayContaining(there))
})

asEachRole(({ role, sandbox }) => {
  const typed = Object.keys(guides).filter((name) => role.rootless || guides[name]?.once !== true)
  test.each(typed)('%s: what it says to type works as it stands', { timeout: 600_000 }, async (name) => {
    const guide = guides[name]!
    const commands = guideCommands(readFileSync(new URL(name, top), 'utf8'))
    const type = typist(role, sandbox(), basename(name, '.md'))
    for (const command of [...(guide.before ?? []), ...commands.filter((line) => !isSkipped(guide, line))]) {
      const { code, stdout, stderr } = await type(command)
      const expected = (role.rootless ? guide.rootless : guide.root)?.[command] ?? 0
      expect({ command, code, output: code === expected ? '' : stdout + stderr }).toEqual({ command, code: expected, output: '' })
    }
    await sandbox().ok(['rm', '-f', '-a', '-t', '0'])
    await sandbox().ok(['volume', 'prune', '--all', '--force'])
  })
})

/** A shell at which somebody of the role types one command after the other, in a directory of their own. */
function typist(
  role: Role,
  { directory: home, env, words }: Sandbox,
  name: string,
): (command: string) => ReturnType<typeof start>['result'] {
  const [bin, cwd] = [join(home, 'bin'), join(home, name)]
  for (const path of [bin, cwd]) {
    mkdirSync(path, { recursive: true })
    chownSync(path, role.uid, role.gid)
  }
  const own = words(['"$@"']).slice(asRole(role).length)
  writeFileSync(join(bin, 'podwright'), `#!/bin/sh\nexec ${own.join(' ')}\n`)
  chmodSync(join(bin, 'podwright'), 0o755)
  const more = { PATH: `${bin}:${env['PATH']}`, CONTAINERS_REGISTRIES_CONF: join(place, 'registries.conf') }
  return (command) => start([...asRole(role), 'bash', '-c', command], { ...env, ...more }, { cwd }).result
}

function isSkipped({ skipped = {} }: Guide, command: string): boolean {
  return Object.keys(skipped).some((beginning) => command.startsWith(beginning))
}

/** Looks like a Debian as far as guides go, and ends at once when it is stopped. */
function debianImage(architecture: string): Image {
  return makeImage({
    architecture,
    layers: [
      [
        ...busyboxEntries(),
        // A shell that is left at once: nobody types on.
        { path: 'bin/bash', content: '#!/bin/sh\nexit 0\n', mode: 0o755 },
        { path: 'etc/os-release', content: 'ID=debian\n' },
      ],
    ],
    config: { Cmd: ['bash'], Env: ['PATH=/bin:/usr/bin'], StopSignal: 'SIGKILL' },
  })
}
