import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { processesOf, untilNothing } from '../harness/leftovers.ts'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ sandbox, busybox }) => {
  const left = (): readonly string[] => [
    ...readdirSync(join(sandbox().directory, 'run/podwright/locks')).filter((name) => /^[0-9a-f]{64}/.test(name)),
    ...readdirSync(join(sandbox().home, 'store/containers')),
  ]

  test('who waits for a container that is removed meanwhile leaves nothing of it', async () => {
    const { ok, podwright } = sandbox()
    const commands = [
      ['start'],
      ['restart', '-t', '0'],
      ['stop'],
      ['pause'],
      ['commit', '-q'],
      ['rename'],
      ['update', '--restart', 'no'],
      ['rm', '-f'],
    ]
    const race = async (words: readonly string[]): Promise<void> => {
      const name = words[0]!
      await ok(['run', '-d', '--name', name, '--network', 'none', busybox, 'sh', '-c', 'trap "" TERM; sleep 100 & wait; wait'])
      // It takes a second, with the state lock or about to have it.
      const removal = podwright(['rm', '-f', '-t', '1', name])
      const waiting = [0, 1].map(() => podwright([...words, name, ...(/rename|commit/.test(name) ? [`other-${name}`] : [])]))
      await Promise.all([removal, ...waiting])
    }
    for (let at = 0; at < commands.length; at += 4) await Promise.all(commands.slice(at, at + 4).map(race))
    await ok(['rm', '-f', '-a', '-t', '0'])
    expect(left()).toEqual([])
  })

  test('a start whose client is killed is undone by the next look', async () => {
    const { ok, podwright, start } = sandbox()
    for (let attempt = 0; attempt < 3; attempt++) {
      const id = await ok(['create', '--name', `begun-${attempt}`, busybox, 'sleep', '100'])
      const client = start(['start', id])
      const isMade = (): boolean => existsSync(join(sandbox().home, 'store/containers', id, 'pidfile'))
      while (!isMade() && client.child.exitCode === null) await sleep(1)
      client.child.kill('SIGKILL')
      await client.result
      const status = await ok(['ps', '-a', '--no-trunc', '--filter', `id=${id}`, '--format', '{{.State}}'])
      expect(['created', 'running']).toContain(status)
      const processes = (): readonly object[] => processesOf(sandbox().directory).filter(({ command }) => command.includes(id))
      // The monitor's clean-up finds that all is done.
      if (status === 'created') expect(await untilNothing(processes)).toEqual([])
      await podwright(['rm', '-f', '-t', '0', id])
    }
    expect(left()).toEqual([])
  })
})
