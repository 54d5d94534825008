import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asOneRole } from '../harness/roles-suite.ts'
import { start } from '../harness/run.ts'

asOneRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)

  /** Types a line that begins with `podwright` into a shell of the role. */
  const type = async (line: string): Promise<void> => {
    const words = sandbox().words(['sh-stands-here'])
    const own = words.slice(0, -1).map((word) => `'${word}'`)
    const { code, stderr } = await start(['sh', '-c', `podwright() { ${own.join(' ')} "$@"; }; ${line}`], sandbox().env).result
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }

  const documentOf = async (name: string): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> => {
    const [found] = JSON.parse(await ok('inspect', name)) as readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[]
    return found!
  }

  test('the line that describe prints makes a container that is inspected as the same', async () => {
    const flags = [
      '-e',
      "GREETING=it's me",
      '-e',
      'PATH=/bin',
      '-w',
      '/tmp',
      '-u',
      '1000',
      '-l',
      'team=a b',
      '--hostname',
      'shown',
      '--read-only',
    ]
    const more = ['--cap-drop', 'ALL', '--cap-add', 'CHOWN', '--tmpfs', '/scratch:size=1m', '-v', 'described:/data', '--stop-signal', 'INT']
    const kept = [
      '--restart',
      'on-failure:2',
      '--health-cmd',
      'test -e /bin/sh',
      '--health-interval',
      '5s',
      '--ulimit',
      'nofile=100:200',
      '--umask',
      '077',
    ]
    await ok(
      'run',
      '-d',
      '--name',
      'first',
      '--network',
      'none',
      '--stop-timeout',
      '0',
      ...flags,
      ...more,
      ...kept,
      busybox,
      'sh',
      '-c',
      'echo "$GREETING"; sleep 300',
    )
    const line = await ok('describe', 'first')
    expect(line).toMatch(/^podwright run --detach .* --name first /)
    expect(line).not.toContain('FROM_IMAGE')
    await type(line.replace('--name first', '--name second'))
    const [first, second] = [await documentOf('first'), await documentOf('second')]
    const { CreateCommand: _first, Annotations: annotations, ...config } = first['Config']!
    const { CreateCommand: _second, Annotations: annotationsAgain, ...again } = second['Config']!
    expect(again).toEqual(config)
    expect(annotationsAgain).toEqual({ ...(annotations as object), 'io.podwright.container.name': 'second' })
    const { ContainerIDFile: _a, LogConfig: _b, CgroupParent: _c, ...host } = first['HostConfig']!
    const { ContainerIDFile: _d, LogConfig: _e, CgroupParent: _f, ...hostAgain } = second['HostConfig']!
    expect(hostAgain).toEqual(host)
    expect(await ok('logs', 'second')).toBe("it's me")
    await ok('update', '--restart', 'no', 'first')
    expect(await ok('describe', '--as', 'create', 'first')).not.toContain('--restart')
    await ok('rm', '-f', '-v', 'first', 'second')
    await ok('volume', 'rm', 'described')
  })

  test('a plain container needs little, and spec is what the runtime was given', async () => {
    await ok('create', '--name', 'plain', '--network', 'none', busybox, 'true')
    expect(await ok('describe', 'plain')).toBe(`podwright run --detach --name plain --network none ${busybox} true`)
    const none = await sandbox().podwright(['describe', '--as', 'spec', 'plain'])
    expect(none).toMatchObject({ code: 125, stdout: '' })
    expect(none.stderr).toContain('plain has no runtime config yet')
    await ok('start', '-a', 'plain')
    const spec = JSON.parse(await ok('describe', '--as', 'spec', 'plain')) as { readonly process: { readonly args: readonly string[] } }
    expect(spec.process.args).toEqual(['true'])
    const compact = await ok('generate', 'spec', '--compact', 'plain')
    expect(JSON.parse(compact)).toEqual(spec)
    expect(compact).not.toContain('\n')
    const file = join(sandbox().home, 'spec.json')
    expect(await ok('generate', 'spec', '-f', file, 'plain')).toBe(file)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(spec)
    expect(await sandbox().podwright(['generate', 'spec', '-f', file, 'plain'])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining(`cannot write ${file}, named by --filename: it is there already`),
    })
    await ok('rm', 'plain')
  })
})
