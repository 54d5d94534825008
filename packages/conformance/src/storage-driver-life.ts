import { expect, test, type TestContext } from 'vitest'
import type { DriverHouse } from './driver-house.ts'

/** How snapshots begin and end. */
export function lifeTests(enter: (context: TestContext) => DriverHouse): void {
  for (const [mode, uid, gid] of [
    [0o1777, 0, 0],
    [0o700, 0, 0],
    [0o2755, 11, 12],
  ] as const) {
    test(`gives the root the mode ${mode.toString(8)} and the owner ${uid}:${gid}`, async (context) => {
      const house = enter(context)
      const layer = await house.layer([{ name: 'file', content: 'x' }])
      const plan = await house.prepare([layer], { root: { mode, uid, gid } })
      expect((await house.inTree(plan, "stat -c '%a %u:%g' .")).stdout).toBe(`${mode.toString(8)} ${uid}:${gid}\n`)
    })
  }

  test('removing leaves nothing, whoever owns it and however closed it is', async (context) => {
    const house = enter(context)
    const plan = await house.prepare([await house.layer([{ name: 'file', content: 'x' }])])
    await house.inTree(plan, 'mkdir -p a/b && echo x > a/b/c && chown -R 33:33 a && chmod 0 a/b a; rm file')
    await house.driver.remove(plan.directory)
    expect((await house.shell(`test -e '${plan.directory}' || echo gone`)).stdout).toBe('gone\n')
    await house.driver.remove(plan.directory)
  })

  test('removing leaves the layers', async (context) => {
    const house = enter(context)
    const layer = await house.layer([{ name: 'file', content: 'x' }])
    await house.driver.remove((await house.prepare([layer])).directory)
    expect((await house.inTree(await house.prepare([layer]), 'cat file')).stdout).toBe('x')
  })

  test('counts what a snapshot takes', async (context) => {
    const house = enter(context)
    const plan = await house.prepare([await house.layer([{ name: 'file', content: 'x' }])])
    // A first mount may make what the driver needs for itself.
    await house.inTree(plan, 'true')
    const before = await house.driver.usage(plan.directory)
    await house.inTree(plan, 'dd if=/dev/urandom of=big bs=1024 count=1024 conv=fsync 2>/dev/null; ln big same')
    const after = await house.driver.usage(plan.directory)
    expect(after.inodes - before.inodes).toBe(1)
    expect(after.sizeBytes - before.sizeBytes).toBeGreaterThanOrEqual(1024 * 1024)
    expect(after.sizeBytes - before.sizeBytes).toBeLessThan(2 * 1024 * 1024)
  })

  test('shows files under other ids, if it says so', async (context) => {
    const house = enter(context)
    if (!house.driver.mapsIds) return context.skip('the driver does not map ids')
    const layer = await house.layer([{ name: 'file', content: 'x', uid: 5, gid: 6 }])
    const shifted = [{ containerId: 0, hostId: 1000, size: 100 }]
    const plan = await house.prepare([layer], { idMap: { uids: shifted, gids: shifted } })
    expect((await house.inTree(plan, "stat -c '%u:%g' file .")).stdout).toBe('1005:1006\n1000:1000\n')
  })

  test('does not make one where there is no directory', async (context) => {
    const house = enter(context)
    const plan = await house.plan([await house.layer([{ name: 'file', content: 'x' }])])
    await expect(house.driver.prepare({ ...plan, directory: `${plan.directory}/not/there` })).rejects.toThrow('not/there')
  })
}
