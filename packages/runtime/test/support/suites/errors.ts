import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPodwrightError } from '@podwright/conventions'
import { expect, test } from 'vitest'
import { attach, createMonitor } from '../../../src/index.ts'
import { type Context, failure, run } from './context.ts'

export function describeErrors({ make, ground }: Context): void {
  test.each([
    [['no-such-command'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/bin/no-such-command'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/etc/passwd/x'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/bin/not-executable'], 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
    [['/tmp'], 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  ])('%s', async (command, code, exitStatus) => {
    await using container = await make({ command })
    const error = await failure(container.create())
    expect(error).toMatchObject({ code, details: { exitStatus } })
    expect(error.message).toContain(container.container.name)
    // Nothing is left of it, so that the same id can be used once more.
    expect(await container.runtime.state(container.id)).toBeUndefined()
  })

  test('a mount of the spec that fails', async () => {
    await using container = await make({
      command: ['true'],
      input: { mounts: [{ type: 'bind', source: '/no/such/source', target: '/mnt' }] },
    })
    const error = await failure(container.create())
    expect(error).toMatchObject({ details: { exitStatus: 125 } })
    expect(error.message).toContain('/no/such/source')
  })

  test('a root that can not be mounted', async () => {
    const target = ground().makeDirectory(`target-${Math.random()}`)
    await using container = await make({
      command: ['true'],
      mounts: [{ type: 'overlay', source: 'overlay', target, options: ['lowerdir=/no/such/lower'] }],
    })
    const error = await failure(container.create())
    expect(error).toMatchObject({ code: 'ERR_ROOTFS_MOUNT' })
    expect(error.message).toMatch(/mount: .*(overlay|special device)/)
  })

  test('a prefix that fails', async () => {
    await using container = await make({ command: ['true'], container: { prefix: ['nsenter', '-t', '4194304', '-m', '--'] } })
    expect(await failure(container.create())).toMatchObject({ code: 'ERR_NAMESPACE_ENTER' })
  })

  test('a prefix that fails, before anything could be mounted', async () => {
    const prefix = ['nsenter', '-t', '4194304', '-m', '--']
    await using container = await make({ command: ['true'], container: { prefix }, mounts: [] })
    expect(await failure(container.create())).toMatchObject({ code: 'ERR_NAMESPACE_ENTER' })
  })

  test('a monitor that is not there', async () => {
    await using container = await make({ command: ['true'] })
    const monitor = createMonitor({ path: '/no/such/conmon', runtime: container.runtime })
    const create = async (): Promise<unknown> => (await monitor.launch(container.container)).create(container.spec)
    expect((await failure(create())).code).toMatch(/^ERR_MONITOR_FAILED$|^ERR_NAMESPACE_ENTER$/)
  })

  test('attaching to a container that has ended', async () => {
    await using container = await make({ command: ['true'] })
    await run(container)
    while (existsSync(container.paths.socketPath)) {
      const outcome = await attach(container.paths, {}).catch((error: unknown) => error)
      if (isPodwrightError(outcome, 'ERR_ATTACH_GONE')) return
      await sleep(10)
    }
    expect(await failure(attach(container.paths, {}))).toMatchObject({ code: 'ERR_ATTACH_GONE' })
  })
}
