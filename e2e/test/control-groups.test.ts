import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'

const root = '/sys/fs/cgroup'
const hierarchies = existsSync(`${root}/cgroup.controllers`)
  ? [root]
  : existsSync(root)
    ? readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${root}/${name}`)
    : []

asEachRole(({ role, sandbox, busybox }) => {
  const ended = async (name: string): Promise<readonly string[]> => {
    await sandbox().ok(['run', '--name', name, '--network', 'none', busybox, 'true'])
    const id = await sandbox().ok(['inspect', '-f', '{{.Id}}', name])
    return hierarchies.map((hierarchy) => `${hierarchy}/podwright/${id}`)
  }
  const present = (groups: readonly string[]): readonly string[] => groups.filter((group) => existsSync(group))

  test('a container that has ended has no control group', async () => {
    expect(present(await ended('over'))).toEqual([])
  })

  // A runtime that is killed between two of them leaves what is made here by hand.
  defineTest(
    'what a killed runtime has left of control groups goes with the container, and who is in them',
    { concerns: !role.rootless },
    async () => {
      const groups = await ended('killed')
      mkdirSync(`${groups[0]}/below`, { recursive: true })
      const inside = spawn('sleep', ['100'])
      writeFileSync(`${groups[0]}/cgroup.procs`, `${inside.pid}`)
      const end = once(inside, 'exit')
      await sandbox().ok(['rm', 'killed'])
      expect(present(groups)).toEqual([])
      expect(await end).toEqual([null, 'SIGKILL'])
    },
  )
})
