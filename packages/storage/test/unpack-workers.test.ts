import type { NamespaceExecutor, NamespaceSession } from '@podwright/contracts'
import { expect, test } from 'vitest'
import { prepareUnpackTask, unpackTask } from '../src/tasks/tasks.ts'
import { imageOf, smallImage, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'
import { testExecutor } from './fixtures/test-executor.ts'

/** An executor that notes which workers there are and what they are given. */
function watched(around: (task: string, run: () => Promise<unknown>) => Promise<unknown> = (_, run) => run()): {
  readonly executor: NamespaceExecutor
  readonly events: string[]
} {
  const events: string[] = []
  let count = 0
  const open: NamespaceExecutor['open'] = async (options) => {
    const number = ++count
    events.push(`open ${number}`)
    const session = await testExecutor.open(options)
    const run: NamespaceSession['run'] = (task, args, given) => {
      events.push(`${task.name} ${number}`)
      return around(task.name, () => session.run(task, args, given)) as never
    }
    const end = async (): Promise<void> => {
      events.push(`end ${number}`)
      await session[Symbol.asyncDispose]()
    }
    return { run, [Symbol.asyncDispose]: end }
  }
  return { executor: { ...testExecutor, open }, events }
}

test('a worker that was started ahead is the one that unpacks', async () => {
  using place = scratch()
  const { executor, events } = watched()
  await using storage = await place.open({}, { namespace: executor })
  storage.prepareUnpacking()
  storage.prepareUnpacking()
  await expect.poll(() => events).toEqual(['open 1', `${prepareUnpackTask.name} 1`])
  await storeImage(storage, 'example.org/a:1', smallImage('a'))
  expect(events).toEqual(['open 1', `${prepareUnpackTask.name} 1`, `${unpackTask.name} 1`, 'end 1'])
  await storeImage(storage, 'example.org/b:1', smallImage('b'))
  expect(events.slice(4)).toEqual(['open 2', `${prepareUnpackTask.name} 2`, `${unpackTask.name} 2`, 'end 2'])
})

test('a worker that nobody took ends with the storage', async () => {
  using place = scratch()
  const { executor, events } = watched()
  const storage = await place.open({}, { namespace: executor })
  storage.prepareUnpacking()
  await storage[Symbol.asyncDispose]()
  expect(events.at(-1)).toBe('end 1')
})

test('one that cannot be started fails the copy, and not before', async () => {
  using place = scratch()
  const executor: NamespaceExecutor = { ...testExecutor, open: () => Promise.reject(new Error('no room for a worker')) }
  await using storage = await place.open({}, { namespace: executor })
  storage.prepareUnpacking()
  await new Promise(setImmediate)
  await expect(storeImage(storage, 'example.org/a:1', smallImage('a'))).rejects.toThrow('no room for a worker')
})

test('the next layer is unpacked while the disk is still busy with the one before', async () => {
  using place = scratch()
  const second = Promise.withResolvers<void>()
  let begun = 0
  // What comes back of the first waits for the second to begin: with one turn for both, this would last for ever.
  const { executor } = watched(async (task, run) => {
    if (task !== unpackTask.name) return run()
    const number = ++begun
    if (number === 2) second.resolve()
    const result = await run()
    if (number === 1) await second.promise
    return result
  })
  await using storage = await place.open({ unpackConcurrency: 1 }, { namespace: executor })
  await storeImage(storage, 'example.org/a:1', imageOf([tar([{ name: 'a', content: 'a' }]), tar([{ name: 'b', content: 'b' }])]))
  expect(begun).toBe(2)
  expect(await storage.check({ full: true })).toMatchObject({ findings: [] })
})
