import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ sandbox, busybox }) => {
  const create = ['run', '-d', '--network', 'none', '--name', 'it']

  test('--replace removes what has the name, running or not, and nothing when the new one cannot be', async () => {
    const { ok, podwright } = sandbox()
    await ok(['pull', '-q', busybox])
    const first = await ok([...create, '--replace', busybox, 'sleep', '100'])
    const second = await ok([...create, '--replace', busybox, 'sleep', '100'])
    expect(await ok(['ps', '-aq', '--no-trunc'])).toBe(second)
    expect(second).not.toBe(first)
    // Not by the beginning of an id.
    await ok(['create', '--replace', '--name', second.slice(0, 12), busybox])
    expect((await ok(['ps', '-q', '--no-trunc'])).split('\n')).toEqual([second])
    expect((await podwright([...create, '--replace', '--pull=never', 'nowhere/image:1'])).code).toBe(125)
    expect((await podwright([...create, '--replace', '--tz', 'Nowhere/City', busybox])).code).toBe(125)
    expect(await ok(['ps', '-q', '--no-trunc'])).toBe(second)
    expect((await podwright([...create, busybox])).stderr).toContain('"it"')
    const nameless = await podwright(['create', '--replace', busybox])
    expect(nameless).toMatchObject({ code: 125, stderr: expect.stringContaining('cannot replace a container without --name') })
    await ok(['rm', '-f', '-a', '-t', '0'])
  })

  test('--rmi removes the image in the end, unless another container is on it', async () => {
    const { ok, podwright } = sandbox()
    await ok(['pull', '-q', busybox])
    await ok(['create', '--name', 'holder', busybox])
    const kept = await podwright(['run', '--rmi', '--network', 'none', busybox, 'sh', '-c', 'exit 3'])
    expect(kept).toMatchObject({ code: 3, stderr: expect.stringContaining(`Warning: the image ${busybox} stays`) })
    expect(await ok(['ps', '-a', '--format', '{{.Names}}'])).toBe('holder')
    await ok(['rm', 'holder'])
    expect(await podwright(['run', '--rmi', '--network', 'none', busybox, 'sh', '-c', 'exit 4'])).toMatchObject({ code: 4, stderr: '' })
    expect(await ok(['images', '-q'])).toBe('')
    expect((await podwright(['run', '--rmi', '-d', busybox])).stderr).toContain('cannot honour --rmi with --detach')
    expect((await podwright(['run', '--rmi', '--rm=false', busybox])).stderr).toContain('does not work without --rm')
    expect((await podwright(['create', '--rmi', busybox])).stderr).toContain('--rmi')
  })
})
