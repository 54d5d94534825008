import { describe, expect, test } from 'vitest'
import {
  containerFunctions,
  goFieldAlias,
  goTypeName,
  goZeroValue,
  parseListFormat,
  parseTemplate,
  sprint,
  sprintf,
  sprintln,
} from '../src/index.ts'

const executed = (template: string, data: unknown = {}): string => parseTemplate(template, { functions: containerFunctions }).execute(data)

describe('what Go got after 1.19', () => {
  test.each([
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{range $i := 2}}{{$i}},{{end}}', '0,1,'],
    ['{{range $i, $v := 2}}{{$i}}{{$v}},{{end}}', '00,11,'],
    ['{{range 0}}x{{else}}none{{end}}', 'none'],
    ['{{with 0}}a{{else with 5}}b{{.}}{{else}}c{{end}}', 'b5'],
    ['{{with 0}}a{{else with ""}}b{{else}}c{{end}}', 'c'],
  ])('%s', (template, expected) => {
    expect(executed(template)).toBe(expected)
  })
})

describe("docker's and podman's functions, as their documents show them", () => {
  const data = {
    Name: 'web',
    Image: 'docker.io/library/nginx:1.27',
    Args: ['-g', 'daemon off;'],
    Config: { Labels: { 'com.example.tier': 'front', '<b>': 'a&b' }, Env: ['PATH=/bin', 'A=b'] },
    State: { Running: true, ExitCode: 0 },
    NetworkSettings: {
      Networks: { b: { IPAddress: '10.0.0.2' }, a: { IPAddress: '10.0.0.1' } },
      Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] },
    },
    Mounts: [{ Type: 'bind', Source: '/a', Destination: '/b' }],
    LogPath: '/x.log',
  }
  test.each([
    ['{{join .Args " , "}}', '-g , daemon off;'],
    ['{{json .Mounts}}', '[{"Destination":"/b","Source":"/a","Type":"bind"}]'],
    ['{{json .Config.Labels}}', '{"<b>":"a&b","com.example.tier":"front"}'],
    ['{{lower "ABC"}} {{upper .Name}} {{title "some text, here"}}', 'abc WEB Some Text, Here'],
    ['{{split .Image ":"}}', '[docker.io/library/nginx 1.27]'],
    ['{{range split .Image "/"}}<{{.}}>{{end}}', '<docker.io><library><nginx:1.27>'],
    ['{{pad .Name 1 2}}|{{pad "" 1 2}}|{{truncate .Image 9}}|{{truncate .Name 9}}', ' web  ||docker.io|web'],
    ['{{range .Mounts}}{{.Type}}{{println .Source .Destination}}{{end}}', 'bind/a /b\n'],
    ['{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}', '10.0.0.1 10.0.0.2 '],
    ['{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> {{(index $conf 0).HostPort}} {{end}}', ' 80/tcp -> 8080 '],
    ['{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}', '8080'],
    ['{{index .Config.Labels "com.example.tier"}}', 'front'],
    ['{{range .Config.Env}}{{if eq (index (split . "=") 0) "A"}}{{.}}{{end}}{{end}}', 'A=b'],
    ['{{if and .State.Running (eq .State.ExitCode 0)}}up{{else}}down{{end}}', 'up'],
    ['{{.LogPath}} {{.State}}', '/x.log map[ExitCode:0 Running:true]'],
    ['{{json .State.Running}}{{json nil}}{{json 1.50}}{{json "\u2028"}}', String.raw`truenull1.5"\u2028"`],
  ])('%s', (template, expected) => {
    expect(executed(template, data)).toBe(expected)
  })

  test.each([
    ['{{join .Name ","}}', 'error calling join: wrong type for value; expected []string; got string'],
    ['{{lower 1}}', 'error calling lower: wrong type for value; expected string; got int'],
    ['{{truncate "a" "b"}}', 'error calling truncate: wrong type for value; expected int; got string'],
  ])('%s is refused', (template, message) => {
    expect(() => executed(template, data)).toThrow(message)
  })
})

describe('values', () => {
  test('fields are worked out when they are asked for, methods get arguments, names have aliases', () => {
    const asked: string[] = []
    const row = {
      [goTypeName]: 'Row',
      [goFieldAlias]: (name: string) => (name === 'Id' ? 'ID' : undefined),
      get ID() {
        asked.push('ID')
        return 'one'
      },
      get Slow() {
        asked.push('Slow')
        return 'two'
      },
      Label(name: string) {
        return `${name} of ${this.ID}`
      },
    }
    expect(executed('{{.Id}} {{.Label "x"}}', row)).toBe('one x of one')
    expect(asked).toEqual(['ID', 'ID'])
    expect(() => executed('{{.Nope}}', row)).toThrow(
      expect.objectContaining({
        code: 'ERR_TEMPLATE_EXECUTION',
        details: expect.objectContaining({ field: 'Nope', fields: ['ID', 'Slow', 'Label'] }),
      }),
    )
  })

  test('nothing of JavaScript itself can be reached', () => {
    class Thing {
      Name = 'x'
    }
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', '__defineGetter__']) {
      expect(() => executed(`{{.${name}}}`, new Thing())).toThrow(`can't evaluate field ${name} in type Thing`)
      expect(executed(`{{.${name}}}`, {})).toBe('<no value>')
      expect(() => executed(`{{.s.${name}}}`, { s: 'text' })).toThrow("can't evaluate field")
      expect(() => executed(`{{.l.${name}}}`, { l: [] })).toThrow("can't evaluate field")
    }
    expect(() => parseTemplate('{{constructor}}')).toThrow('function "constructor" not defined')
  })

  test('a map of texts has the empty one for what is not in it', () => {
    expect(executed('{{index . "b"}}|{{.b}}', { a: '1', [goZeroValue]: '' })).toBe('|<no value>')
  })

  test('print as in Go', () => {
    expect(sprint(['a', 1, 2, 'b', true])).toBe('a1 2btrue')
    expect(sprintln(['a', null])).toBe('a <nil>\n')
    expect(sprintf('%05.1f|%v', [-3.05, 10n ** 18n])).toBe('-03.0|1000000000000000000')
  })
})

describe('lists', () => {
  const rows = [
    { Names: 'web', Image: 'nginx' },
    { Names: 'a-long-name', Image: 'x' },
  ]
  const titles = { Names: 'NAMES', Image: 'IMAGE' }

  test.each([
    [String.raw`{{.Names}}\t{{.Image}}`, 'web\tnginx\na-long-name\tx\n'],
    [String.raw`{{.Names}}\n`, 'web\n\na-long-name\n\n'],
    ['table {{.Names}}\t{{.Image}}', 'NAMES         IMAGE\nweb           nginx\na-long-name   x\n'],
    ['table {{upper .Names}}', 'NAMES\nWEB\nA-LONG-NAME\n'],
    ['table{{.Image}}', 'IMAGE\nnginx\nx\n'],
    ['{{range .}}{{.Image}},{{end}}', 'nginx,x,\n'],
    ['{{range $i, $r := .}}{{$i}}{{$r.Image}} {{end}}', '0nginx 1x \n'],
    ['table {{range .}}{{.Image}}\t{{.Names}}\n{{end}}', 'IMAGE     NAMES\n\nnginx     web\nx         a-long-name\n'],
  ])('%j', (format, expected) => {
    expect(parseListFormat(format).render(rows, { titles })).toBe(expected)
  })
})

describe('hostile templates', () => {
  test.each([
    ['{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}', 'exceeded maximum template depth (250)'],
    ['{{range 1000000000000}}{{end}}', 'it takes more than 10000000 steps'],
    ['{{$x := "a"}}{{range 100}}{{$x = print $x $x}}{{end}}', 'a text in it is longer than 67108864 characters'],
    ['{{range 1000}}{{printf "%1000000d" 1}}{{end}}', 'it writes more than 67108864 characters'],
    ['{{range 100000}}{{$x := printf "%1000000d" 1}}{{end}}', 'it takes more than 10000000 steps'],
    ['{{if true}}'.repeat(100_000), 'more than 250 blocks and parentheses in one another'],
    [`{{${'('.repeat(100_000)}`, 'more than 250 blocks and parentheses in one another'],
    ['{{if true}}x{{else '.repeat(100_000), ''],
  ])('%# ends', { timeout: 60_000 }, (template, message) => {
    expect(() => executed(template)).toThrow(message === '' ? /template: / : message)
  })

  test('a value that contains itself is not followed for ever', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(() => executed('{{.}}', circle)).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE_LIMIT' }))
    expect(() => executed('{{json .}}', circle)).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE_EXECUTION' }))
  })

  test('long texts between actions are read once', () => {
    const long = `${' '.repeat(1_000_000)}{{- 1 -}}${'\n'.repeat(1_000_000)}`
    expect(executed(long)).toBe('1')
  })
})
