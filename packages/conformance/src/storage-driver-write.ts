import { expect, test, type TestContext } from 'vitest'
import type { DriverHouse } from './driver-house.ts'

/** What a snapshot does with what is written to it. */
export function writeTests(enter: (context: TestContext) => DriverHouse): void {
  test('keeps what is written, and leaves the layers as they are', async (context) => {
    const house = enter(context)
    const layer = await house.layer([{ name: 'etc/' }, { name: 'etc/a', content: 'base' }])
    const plan = await house.prepare([layer])
    await house.inTree(plan, 'echo changed > etc/a; echo new > etc/b; mkdir dir')
    expect((await house.inTree(plan, 'cat etc/a etc/b; ls')).stdout).toBe('changed\nnew\ndir\netc\n')
    expect((await house.inTree(await house.prepare([layer]), 'cat etc/a; ls . etc')).stdout).toBe('base.:\netc\n\netc:\na\n')
  })

  test('keeps what is deleted deleted, and a directory made again empty', async (context) => {
    const house = enter(context)
    const layer = await house.layer([{ name: 'file', content: 'x' }, { name: 'dir/' }, { name: 'dir/in', content: 'x' }])
    const plan = await house.prepare([layer])
    expect((await house.inTree(plan, 'rm file && rm -r dir && mkdir dir')).exitCode).toBe(0)
    expect((await house.inTree(plan, 'ls -AR')).stdout).toBe('.:\ndir\n\n./dir:\n')
    expect((await house.inTree(await house.prepare([layer]), 'ls dir file')).stdout).toBe('file\n\ndir:\nin\n')
  })

  test('a mode, an owner and a time can be changed', async (context) => {
    const house = enter(context)
    const layer = await house.layer([{ name: 'file', content: 'x' }])
    const plan = await house.prepare([layer])
    await house.inTree(plan, 'chown 5:6 file; chmod 640 file; touch -d @1000000000 file')
    expect((await house.inTree(plan, "stat -c '%a %u:%g %Y' file; cat file")).stdout).toBe('640 5:6 1000000000\nx')
  })

  test('takes files, links and FIFOs of all kinds', async (context) => {
    const house = enter(context)
    const plan = await house.prepare([await house.layer([{ name: 'file', content: 'x' }])])
    const { stdout } = await house.inTree(
      plan,
      "ln file hard && ln -s file soft && mkfifo fifo && mv file moved && stat -c '%F %h' moved hard soft fifo",
    )
    expect(stdout.trim().split('\n')).toEqual(['regular file 2', 'regular file 2', 'symbolic link 1', 'fifo 1'])
  })

  test('a read-only one shows everything and refuses to be written to', async (context) => {
    const house = enter(context)
    const plan = await house.prepare([await house.layer([{ name: 'file', content: 'x' }])], { readOnly: true })
    const { stdout, exitCode } = await house.inTree(plan, 'cat file; touch new || exit 3')
    expect([stdout, exitCode]).toEqual(['x', 3])
  })

  test('one without layers is empty and takes files', async (context) => {
    const house = enter(context)
    const plan = await house.prepare([])
    expect((await house.inTree(plan, 'ls -A; echo a > file')).stdout).toBe('')
    expect((await house.inTree(plan, 'cat file')).stdout).toBe('a\n')
  })
}
