import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asRole } from '../harness/role.ts'
import { asOneRole } from '../harness/roles-suite.ts'

/** What docker's and podman's documents ask of `ps`. Not `.State`, which podman 4 prints as `.Status`, and docker as ours. */
const psFormats = [
  '{{.Names}}',
  '{{.Image}}',
  '{{.Names}} {{.ExitCode}} {{.Exited}}',
  '{{index .Labels "a.b"}} {{.Labels.tier}}',
  '{{range $k, $v := .Labels}}{{if eq $k "tier"}}{{$v}}{{end}}{{end}}',
  '{{if .Exited}}{{.Names | printf "%-10s|"}}{{end}}',
  '{{upper .Names}}{{len .Names}}{{slice .Names 1 3}}',
  '{{json .Names}} {{json .ExitCode}}',
  String.raw`{{.Names}}\t{{.Image}}`,
  'table {{.Names}}',
  '{{range .}}{{.Names}}{{end}}',
]

const inspectFormats = [
  '{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.State.OOMKilled}}',
  '{{.Name}} {{.Path}} {{.Args}} {{len .Args}}',
  '{{index .Config.Labels "a.b"}}|{{index .Config.Labels "none"}}|{{.Config.Labels.tier}}|{{.Config.Labels.none}}',
  '{{json .Config.Cmd}} {{json .Config.Labels.tier}} {{json .State.Paused}}',
  '{{range .Config.Env}}{{if eq . "FROM_IMAGE=yes"}}{{println .}}{{end}}{{end}}',
  '{{range $i, $word := .Config.Cmd}}{{if $i}} + {{end}}{{$word | printf "%q"}}{{end}}',
  '{{join .Config.Cmd ","}} {{.Config.Tty}} {{.HostConfig.Privileged}} {{.HostConfig.AutoRemove}}',
  '{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}',
  '{{with .HostConfig}}{{.ReadonlyRootfs}} {{.Privileged}}{{end}}',
  '{{if and .State.Running .Config.Tty}}both{{else if eq .State.Status "exited"}}exited{{end}}',
]

const imageFormats = [
  '{{.Os}}/{{.Architecture}} {{index .Config.Labels "origin"}} {{len .RootFS.Layers}}',
  '{{json .Config.Env}}',
  '{{index .RootFS.Layers 0}}',
]

const hasPodman = spawnSync('podman', ['--version']).status === 0

/** The same command of both, for each format. */
interface Compared {
  readonly title: string
  readonly words: readonly string[]
  readonly formats: readonly string[]
}

asOneRole(({ role, sandbox, busybox }) => {
  const made = [
    '--name',
    'same',
    '--network',
    'none',
    '--label',
    'a.b=c',
    '--label',
    'tier=front',
    '-v',
    '/etc/hostname:/there:ro',
    busybox,
    'sh',
    '-c',
    'exit 3',
  ]
  const compared: readonly Compared[] = [
    { title: 'ps', words: ['ps', '-a'], formats: psFormats },
    { title: 'inspect', words: ['inspect', 'same'], formats: inspectFormats },
    { title: 'container inspect', words: ['container', 'inspect', 'same'], formats: inspectFormats.slice(0, 3) },
    { title: 'image inspect', words: ['image', 'inspect', busybox], formats: imageFormats },
  ]

  const podman = (args: readonly string[]): string => {
    const { env, directory } = sandbox()
    const stores = ['--root', join(directory, 'podman'), '--runroot', join(directory, 'run/podman'), '--storage-driver', 'vfs']
    const quiet = ['--events-backend', 'none', '--cgroup-manager', 'cgroupfs', '--log-level', 'error']
    const [program = '', ...words] = [...asRole(role), 'podman', ...stores, ...quiet, ...args]
    return execFileSync(program, words, { encoding: 'utf8', cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  }

  beforeAll(async () => {
    expect((await sandbox().podwright(['run', ...made])).code).toBe(3)
    if (!hasPodman) return
    podman(['pull', '-q', '--tls-verify=false', busybox])
    expect(() => podman(['run', '--cgroups=disabled', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', ...made])).toThrow(
      expect.objectContaining({ status: 3 }),
    )
  }, 120_000)

  afterAll(async () => {
    await sandbox().podwright(['rm', 'same'])
    if (!hasPodman) return
    podman(['rm', 'same'])
    // Ends the process that a plain user's podman leaves.
    podman(['system', 'migrate'])
  })

  test.for(compared)('$title --format prints what podman prints', { timeout: 120_000 }, async ({ words, formats }, context) => {
    context.skip(!hasPodman, 'needs podman')
    for (const format of formats) {
      const ours = await sandbox().podwright([...words, '--format', format])
      expect({ format, output: ours.stdout.trim(), stderr: ours.stderr }).toEqual({
        format,
        output: podman([...words, '--format', format]),
        stderr: '',
      })
    }
  })

  test('a template that asks for what is not there says so, and exits with 125', async () => {
    const { code, stdout, stderr } = await sandbox().podwright(['inspect', '-f', '{{.State.Stats}}', 'same'])
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain("can't evaluate field Stats")
    expect(stderr).toContain('Did you mean .Status?')
  })

  test('a table has docker’s titles', async () => {
    const table = await sandbox().ok(['ps', '-a', '--format', String.raw`table {{.Names}}\t{{.Image}}\t{{.Label "tier"}}`])
    expect(table.split('\n')).toEqual([
      expect.stringMatching(/^NAMES {5}IMAGE +tier$/),
      expect.stringMatching(/^same {6}\S+busybox:1 +front$/),
    ])
    expect(await sandbox().ok(['info', '--format', '{{.Host.Security.Rootless}} {{.Driver}}'])).toBe(`${role.rootless} overlay`)
    expect(await sandbox().ok(['version', '--format', '{{.Server.Version}}'])).toMatch(/^\d+\.\d+\.\d+$/)
    expect(await sandbox().ok(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toBe(busybox)
  })
})
