import { expect, test } from 'vitest'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox }) => {
  defineTest('runs a command where the containers’ files belong to somebody', { concerns: role.rootless }, async () => {
    const lines = (await sandbox().ok(['unshare', 'cat', '/proc/self/uid_map']))
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
    expect(lines[0]).toEqual([0, role.uid, 1])
    expect(lines[1]?.[0]).toBe(1)
    expect(lines[1]?.[2]).toBeGreaterThanOrEqual(65_536)
    expect(await sandbox().ok(['unshare', 'id', '-u'])).toBe('0')
    expect((await sandbox().podwright(['unshare', 'sh', '-c', 'exit 9'])).code).toBe(9)
    expect((await sandbox().podwright(['unshare', 'no-such-command'])).code).toBe(127)
  })

  defineTest('leaves root where it is', { concerns: !role.rootless }, async () => {
    expect(await sandbox().ok(['unshare', 'cat', '/proc/self/uid_map'])).toMatch(/^\s*0\s+0\s+4294967295$/)
  })

  test('hello greets, from an image that podwright has in itself', async () => {
    const { code, stdout, stderr } = await sandbox().podwright(['run', '--rm', 'hello'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/hello/i)
    expect(stderr).toBe('')
  })
})
