import { expect, test, type TestContext } from 'vitest'
import type { DriverHouse } from './driver-house.ts'

/** What a tree shows of its layers. */
export function mergeTests(enter: (context: TestContext) => DriverHouse): void {
  test('shows all layers as one, the topmost first', async (context) => {
    const house = enter(context)
    const base = await house.layer([{ name: 'etc/' }, { name: 'etc/a', content: 'base' }, { name: 'etc/b', content: 'base' }])
    const top = await house.layer([{ name: 'etc/' }, { name: 'etc/b', content: 'top' }, { name: 'new', content: 'top' }])
    const { stdout } = await house.inTree(await house.prepare([base, top]), 'cat etc/a etc/b new; ls -A . etc')
    expect(stdout).toBe('basetoptop.:\netc\nnew\n\netc:\na\nb\n')
  })

  test('what a layer takes away is not there', async (context) => {
    const house = enter(context)
    const base = await house.layer([
      { name: 'file', content: 'x' },
      { name: 'dir/' },
      { name: 'dir/in', content: 'x' },
      { name: 'kept', content: 'x' },
    ])
    const top = await house.layer([{ name: '.wh.file' }, { name: '.wh.dir' }])
    const { stdout } = await house.inTree(await house.prepare([base, top]), 'ls -A; test -e file || test -e dir || echo gone')
    expect(stdout).toBe('kept\ngone\n')
  })

  test('an opaque directory hides what is below, not what its own layer has', async (context) => {
    const house = enter(context)
    const base = await house.layer([
      { name: 'dir/' },
      { name: 'dir/old', content: 'x' },
      { name: 'dir/sub/' },
      { name: 'dir/sub/old', content: 'x' },
    ])
    const top = await house.layer([{ name: 'dir/' }, { name: 'dir/.wh..wh..opq' }, { name: 'dir/new', content: 'x' }])
    const { stdout } = await house.inTree(await house.prepare([base, top]), 'ls -AR dir')
    expect(stdout).toBe('dir:\nnew\n')
  })

  test('what was taken away can come back in a higher layer', async (context) => {
    const house = enter(context)
    const layers = [
      await house.layer([{ name: 'dir/' }, { name: 'dir/old', content: 'x' }]),
      await house.layer([{ name: '.wh.dir' }]),
      await house.layer([{ name: 'dir/' }, { name: 'dir/new', content: 'x' }]),
    ]
    const { stdout } = await house.inTree(await house.prepare(layers), 'ls -A dir')
    expect(stdout).toBe('new\n')
  })

  test('a directory can become a file, and a file a directory', async (context) => {
    const house = enter(context)
    const base = await house.layer([{ name: 'one/' }, { name: 'one/in', content: 'x' }, { name: 'two', content: 'x' }])
    const top = await house.layer([{ name: 'one', content: 'file' }, { name: 'two/' }, { name: 'two/in', content: 'dir' }])
    const { stdout } = await house.inTree(await house.prepare([base, top]), 'cat one two/in')
    expect(stdout).toBe('filedir')
  })

  test('keeps modes, owners, links and times to the nanosecond', async (context) => {
    const house = enter(context)
    const modified = 1_700_000_000_123_456_789n
    const layer = await house.layer([
      { name: 'tmp/', mode: 0o1777, modified },
      { name: 'suid', content: 'x', mode: 0o4755, uid: 7, gid: 9, modified },
      { name: 'hard', type: 'hardlink', linkName: 'suid' },
      { name: 'link', type: 'symlink', linkName: 'nowhere', uid: 3, gid: 4, modified },
      { name: 'fifo', type: 'fifo', mode: 0o600, modified },
    ])
    const { stdout } = await house.inTree(
      await house.prepare([layer]),
      `stat -c '%n %A %u:%g %h %.9Y' tmp suid hard fifo link; readlink link`,
    )
    const time = '1700000000.123456789'
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(`^tmp drwxrwxrwt 0:0 [0-9]+ ${time}$`),
      `suid -rwsr-xr-x 7:9 2 ${time}`,
      `hard -rwsr-xr-x 7:9 2 ${time}`,
      `fifo prw------- 0:0 1 ${time}`,
      `link lrwxrwxrwx 3:4 1 ${time}`,
      'nowhere',
    ])
  })

  test('shows device nodes', async (context) => {
    const house = enter(context)
    if (!house.devices) return context.skip('no device nodes can be made here')
    const layer = await house.layer([{ name: 'null', type: 'character', major: 1, minor: 3, mode: 0o666 }])
    const { stdout } = await house.inTree(await house.prepare([layer]), "stat -c '%F %t:%T %a' null")
    expect(stdout).toBe('character special file 1:3 666\n')
  })

  test('stacks a hundred layers', async (context) => {
    const house = enter(context)
    const layers = []
    for (let index = 0; index < 100; index++)
      layers.push(await house.layer([{ name: 'which', content: `${index}` }, { name: `file-${index}` }]))
    const { stdout } = await house.inTree(await house.prepare(layers), 'cat which; ls | wc -l')
    expect(stdout.trim()).toMatch(/^99\s*101$/)
  })

  test('is found without a mount in the directories that it names', async (context) => {
    const house = enter(context)
    const base = await house.layer([{ name: 'passwd', content: 'base' }])
    const top = await house.layer([{ name: 'group', content: 'top' }])
    const { layers } = house.driver.view(await house.prepare([base, top]))
    const find = (name: string): string => layers.map((directory) => `cat '${directory}/${name}' 2>/dev/null && exit`).join('\n')
    expect((await house.shell(find('passwd'))).stdout).toBe('base')
    expect((await house.shell(find('group'))).stdout).toBe('top')
  })
}
