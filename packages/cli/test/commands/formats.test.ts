import type { ImageDetails } from '@podwright/contracts'
import { describe, expect, test } from 'vitest'
import { details, exited, image, summary } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const config: ImageDetails['config'] = {
  os: 'linux',
  architecture: 'amd64',
  config: { Cmd: ['bash', '-l'], Env: ['A=1'] },
  rootfs: { type: 'layers', diff_ids: [] },
}

const containers = { list: async () => [exited(3), summary({ labels: { tier: 'front', 'a.b': 'c-d' } })] }

function expectText(text: string, expected: string | RegExp): void {
  if (typeof expected === 'string') expect(text).toBe(expected)
  else expect(text).toMatch(expected)
}

/** What a template prints of the containers, the newest first. */
const formatted = async (format: string, more: readonly string[] = []): Promise<string> => {
  const { stdout, stderr, code } = await podwright(['ps', '-a', ...more, '--format', format], { containers })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe('ps --format', () => {
  test.each([
    ['{{.Names}}', 'web\njob\n'],
    [
      '{{.ID}} {{.Image}} {{.Command}}',
      'a1b2c3d4e5f6 docker.io/library/debian:12 "sleep 100"\nb0b0b0b0b0b0 docker.io/library/debian:12 "sleep 100"\n',
    ],
    [
      '{{.Names}}: {{.Status}} {{.State}} {{.RunningFor}}',
      'web: Up 3 minutes running 3 minutes ago\njob: Exited (3) 2 hours ago exited 2 hours ago\n',
    ],
    [
      '{{.Label "tier"}}{{.Label "none"}}|{{index .Labels "a.b"}}|{{.Labels.tier}}|{{.Labels}}',
      /^front\|c-d\|front\|tier=front,a\.b=c-d\n/,
    ],
    ['{{range $k, $v := .Labels}}{{$k}}:{{$v}};{{end}}', /^a\.b:c-d;tier:front;\n/],
    ['{{if eq .State "exited"}}{{.Names}} {{.ExitCode}}{{end}}', '\njob 3\n'],
    [String.raw`{{.ID}}\t{{.Names}}`, 'a1b2c3d4e5f6\tweb\nb0b0b0b0b0b0\tjob\n'],
    ['{{range .}}{{.Names}} {{end}}', 'web job \n'],
    ['{{json .Labels}} {{json .Names}}', /^"tier=front,a\.b=c-d" "web"\n/],
    ['{{json .}} {{.Pid}}', /^\{"Command":.*"Names":"web".*\} \d+\n/],
    ['{{.Created}}|{{.CreatedAt}}|{{.CreatedHuman}}', /^3 minutes ago\|2026-01-31 \d\d:\d\d:\d\d \+0000 UTC\|3 minutes ago\n/],
    ['{{printf "%-6s|" .Names}}{{upper .Names}}{{truncate .ID 3}}', 'web   |WEBa1b\njob   |JOBb0b\n'],
    [
      'table {{.ID}}\t{{.Names}}\t{{.Label "a.b"}}',
      'CONTAINER ID   NAMES     b\na1b2c3d4e5f6   web       c-d\nb0b0b0b0b0b0   job       \n',
    ],
    [String.raw`table {{.Names}}\t{{.CreatedAt}}`, /^NAMES {5}CREATED AT\nweb {7}2026/],
    ['table {{json .Names}}', 'NAMES\n"web"\n"job"\n'],
  ])('%s', async (format, expected) => {
    expectText(await formatted(format), expected)
  })

  test('--noheading leaves the titles of a table out, --no-trunc is heard', async () => {
    expect(await formatted('table {{.Names}}\t{{.State}}', ['--noheading'])).toBe('web       running\njob       exited\n')
    expect(await formatted('{{.ID}}', ['--no-trunc'])).toContain(summary().id)
  })

  test('an empty list is its titles, or nothing', async () => {
    const nobody = { containers: { list: async () => [] } }
    expect((await podwright(['ps', '--format', 'table {{.Names}}'], nobody)).stdout).toBe('NAMES\n')
    expect((await podwright(['ps', '--format', '{{.Names}}'], nobody)).stdout).toBe('')
  })

  test.each([
    ['{{.Name}}', `can't evaluate field Name in type Container`, 'Did you mean .Names? The fields are .Command'],
    ['{{.ID', 'template: :1: unclosed action', ''],
    ['{{nope .}}', 'function "nope" not defined', ''],
    ['{{.constructor}}', `can't evaluate field constructor in type Container`, ''],
  ])('%s is refused', async (format, message, hint) => {
    const { code, stdout, stderr } = await podwright(['ps', '-a', '--format', format], { containers })
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain(`Error: cannot print with --format "${format}": template: :1`)
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
  })
})

describe('images --format', () => {
  const images = { list: async () => [image()] }

  test.each([
    ['{{.Repository}}:{{.Tag}}', /^docker\.io\/library\/debian:12\n/],
    ['{{.ID}} {{.Size}} {{.CreatedSince}}', /^[0-9a-f]{12} \S+B .* ago\n/],
    ['{{index .Labels "vendor"}}{{.Label "vendor"}}', /^debiandebian\n/],
    ['table {{.Repository}}\t{{.ID}}', /^REPOSITORY +IMAGE ID\ndocker/],
    ['{{range .RepoTags}}<{{.}}>{{end}}', /^<docker\.io\/library\/debian:12>/],
  ])('%s', async (format, expected) => {
    const { stdout, stderr } = await podwright(['images', '--format', format], { images })
    expect(stderr).toBe('')
    expect(stdout).toMatch(expected)
  })
})

describe('inspect -f', () => {
  const engine = {
    containers: { inspect: async () => details({ labels: { 'a.b': 'one' } }) },
    images: { inspect: async (): Promise<ImageDetails> => ({ image: image(), config }) },
  }

  test.each([
    ['{{.State.Status}} {{.Name}} {{.Id}}{{.ID}}', /^running web [0-9a-f]{128}\n$/],
    ['{{index .Config.Labels "a.b"}}|{{index .Config.Labels "none"}}|{{.Config.Labels.none}}', 'one||<no value>\n'],
    ['{{range $name, $net := .NetworkSettings.Networks}}{{$name}}={{$net.NetworkID}}{{end}}', 'private=private\n'],
    ['{{json .State.Running}}{{with .State}}{{.Pid}}{{end}}', /^true\d+\n$/],
    ['{{range .Mounts}}{{.Destination}}{{else}}none{{end}}', /./],
    ['{{len .Config.Env}} {{join .Config.Cmd "+"}}', /^\d+ \S+\n$/],
    ['{{json .NetworkSettings.Ports}}{{.HostConfig.AutoRemove}}', '{}false\n'],
  ])('%s', async (format, expected) => {
    const { stdout, stderr } = await podwright(['inspect', '-f', format, 'web'], engine)
    expect(stderr).toBe('')
    expectText(stdout, expected)
  })

  test("a template that ends in JSON is the document's", async () => {
    const { stdout } = await podwright(['inspect', '-f', '{{json . }} ', 'web'], engine)
    const whole = JSON.parse((await podwright('inspect web', engine)).stdout)
    expect(JSON.parse(stdout)).toEqual(whole[0])
  })

  test('a key that is not there is an error', async () => {
    const { code, stderr } = await podwright(['inspect', '-f', '{{.State.Stats}}', 'web'], engine)
    expect(code).toBe(125)
    expect(stderr).toContain(`<.State.Stats>: can't evaluate field Stats in type Inspected.State`)
    expect(stderr).toContain('Did you mean .Status?')
  })

  test('of an image', async () => {
    const { stdout } = await podwright(
      ['image', 'inspect', '-f', '{{.Os}}/{{.Architecture}} {{index .RepoTags 0}} {{len .RootFS.Layers}}', 'debian'],
      engine,
    )
    expect(stdout).toMatch(/^linux\/amd64 docker\.io\/library\/debian:12 \d+\n$/)
  })
})

describe('version --format', () => {
  test.each([
    ['{{.Client.Version}} {{.Server.Version}} {{.Version}}', '9.9.9 9.9.9 9.9.9\n'],
    ['{{.Client.OsArch}}', /^linux\/\w+\n$/],
  ])('%s', async (format, expected) => {
    const { stdout } = await podwright(['version', '--format', format])
    expectText(stdout, expected)
  })
})
