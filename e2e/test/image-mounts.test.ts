import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import { packTar } from '../harness/tar.ts'

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)

  test('an image in a container: read-only, or writable until it ends; held, and let go', async () => {
    await ok('create', '--name', 'source', busybox, 'true')
    await sandbox().podwright(['cp', '-', 'source:/'], { input: packTar([{ path: 'given', content: 'from the image' }]) })
    await ok('commit', '-q', 'source', 'content:1')
    await ok('rm', 'source')

    const mounts = ['--mount', 'type=image,src=content:1,dst=/ro', '--mount', 'type=image,source=content:1,destination=/rw,rw=true']
    const script =
      'cat /ro/given /rw/given; echo x 2>/dev/null > /ro/given || echo closed; ls /rw/written 2>/dev/null; echo more > /rw/written && cat /rw/written /ro/given'
    await ok('create', '--name', 'has', '--network', 'none', ...mounts, busybox, 'sh', '-c', script)
    const seen = 'from the imagefrom the imageclosed\nmore\nfrom the image'
    expect(await ok('start', '-a', 'has')).toBe(seen)
    // What was written last time is gone.
    expect(await ok('start', '-a', 'has')).toBe(seen)
    expect(await ok('image', 'mount')).toBe('')
    expect(await ok('cp', 'has:/ro/given', '-')).toContain('from the image')

    expect(await ok('describe', 'has')).toContain(
      '--mount type=image,source=content:1,destination=/ro,readonly --mount type=image,source=content:1,destination=/rw,readonly=false',
    )
    expect(await ok('inspect', 'has', '--format', '{{range .Mounts}}{{.Type}} {{.Source}} {{.RW}}|{{end}}')).toBe(
      'image content:1 false|image content:1 true|',
    )
    const refused = await sandbox().podwright(['rmi', 'content:1'])
    expect(refused).toMatchObject({ stderr: expect.stringContaining('containers are on it: has') })
    expect(refused.code).not.toBe(0)
    await ok('system', 'check')
    await ok('rm', 'has')
    await ok('rmi', 'content:1')
    const gone = await sandbox().podwright([
      'run',
      '--rm',
      '--pull',
      'never',
      '--mount',
      'type=image,src=content:1,dst=/x',
      busybox,
      'true',
    ])
    expect(gone).toMatchObject({ code: 125, stderr: expect.stringContaining('"content:1" is not here') })
    expect(await ok('ps', '-aq')).toBe('')
  })

  test('a killed one leaves no mount behind that the next command does not take away', async () => {
    await ok(
      'run',
      '-d',
      '--name',
      'killed',
      '--network',
      'none',
      '--mount',
      `type=image,src=${busybox},dst=/x,rw`,
      busybox,
      'sleep',
      '300',
    )
    const { pid, monitor } = JSON.parse(
      await ok('inspect', 'killed', '--format', '{"pid":{{.State.Pid}},"monitor":{{.State.ConmonPid}}}'),
    ) as {
      readonly pid: number
      readonly monitor: number
    }
    for (const each of [monitor, pid]) process.kill(each, 'SIGKILL')
    await ok('wait', 'killed')
    await ok('start', 'killed')
    expect(await ok('exec', 'killed', 'ls', '/x/bin/sh')).toBe('/x/bin/sh')
    await ok('rm', '-f', '-t', '0', 'killed')
    await ok('system', 'check')
    expect(await ok('image', 'mount')).toBe('')
  })
})
