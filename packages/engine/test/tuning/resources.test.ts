import type { ContainerResources } from '@podwright/contracts'
import { describe, expect, test } from 'vitest'
import type { Controllers, ControllerFeature } from '../../src/tuning/controllers.ts'
import { checkResources, limitedResources } from '../../src/tuning/resources.ts'
import { numbersOf } from '../../src/tuning/resource-ranges.ts'

const with1 = (...missing: readonly ControllerFeature[]): Controllers => ({ version: 1, has: (feature) => !missing.includes(feature) })
const v2: Controllers = { version: 2, has: () => true }
const asRoot = { rootless: false, cgroups: 'enabled' } as const
const check = (asked: ContainerResources, controllers: Controllers = with1()): ReturnType<typeof checkResources> =>
  checkResources(asked, { ...asRoot, controllers })

describe('what holds, is ignored, is refused', () => {
  test('swap is as much as memory unless it is said', () => {
    expect(check({ memoryBytes: 100 })).toEqual({ resources: { memoryBytes: 100, memorySwapBytes: 200 }, warnings: [] })
    expect(check({ memoryBytes: 100, memorySwapBytes: -1 }).resources).toEqual({ memoryBytes: 100, memorySwapBytes: -1 })
    expect(check({ memoryBytes: 100 }, with1('swap'))).toEqual({ resources: { memoryBytes: 100 }, warnings: [] })
  })

  test('what the kernel has not is discarded, with a word', () => {
    const { resources, warnings } = check(
      { blockWeight: 300, cpuShares: 512, memoryBytes: 10, memorySwapBytes: 20 },
      with1('blockWeight', 'swap'),
    )
    expect(resources).toEqual({ cpuShares: 512, memoryBytes: 10 })
    expect(warnings).toEqual([expect.stringContaining('without swap'), expect.stringContaining('block I/O')])
  })

  test('without control groups: ignored where podman ignores, else refused by name', () => {
    const asked = { memoryBytes: 100, pidsLimit: 5 }
    const without = { rootless: true, cgroups: 'disabled' } as const
    expect(checkResources(asked, { ...without, controllers: with1() })).toMatchObject({
      resources: undefined,
      warnings: [expect.stringContaining('cgroups v1')],
    })
    expect(() => checkResources(asked, { ...without, controllers: v2 })).toThrow('cannot honour --memory, --pids-limit')
    expect(() => checkResources(asked, { ...without, rootless: false, controllers: with1() })).toThrow(
      'cannot honour --memory, --pids-limit',
    )
    expect(checkResources(undefined, { ...without, controllers: v2 })).toEqual({ resources: undefined, warnings: [] })
  })

  test('files of v2 are handed on as they are, and refused on v1', () => {
    const asked = { unified: { 'memory.high': '100' } }
    expect(check(asked, v2)).toEqual({ resources: asked, warnings: [] })
    expect(limitedResources(asked).resources).toEqual(asked)
    expect(() => check(asked)).toThrow('cannot use --cgroup-conf without cgroup v2')
    const plainUser = { rootless: true, cgroups: 'disabled', controllers: with1() } as const
    expect(() => checkResources(asked, plainUser)).toThrow('cannot use --cgroup-conf without cgroup v2')
  })

  test.each<[ContainerResources, string]>([
    [{ memorySwappiness: 10 }, 'swappiness'],
    [{ oomKillDisable: true }, 'OOM killer'],
  ])('v2 has no %j', (asked, message) => {
    expect(() => check(asked, v2)).toThrow(message)
    expect(check(asked).warnings).toEqual([])
  })

  test.each<ContainerResources>([
    { memoryBytes: 0 },
    { memoryBytes: 1.5 },
    { memorySwapBytes: 5 },
    { memoryBytes: 10, memorySwapBytes: 5 },
    { memoryBytes: 10, memoryReservationBytes: 11 },
    { memorySwappiness: 101 },
    { cpus: 0.001 },
    { cpus: 1, cpuPeriodMicros: 5000 },
    { cpuShares: 1 },
    { cpuPeriodMicros: 999 },
    { cpuQuotaMicros: 999 },
    { blockWeight: 9 },
    { cpusetCpus: '8000' },
    { cpusetCpus: 'all' },
    { cpusetMems: '3-1' },
  ])('%j makes no sense', (asked) => {
    expect(() => check(asked)).toThrow(expect.objectContaining({ code: 'ERR_CONTAINER_OPTION_INVALID' }))
  })
})

test('in the words of the runtime-spec', () => {
  expect(limitedResources({ cpus: 1.5, memoryBytes: 1, pidsLimit: -1, blockWeight: 10 })).toEqual({
    resources: { cpu: { quota: 150_000, period: 100_000 }, memory: { limit: 1 }, blockIO: { weight: 10 } },
    pidsLimit: 0,
  })
  expect(limitedResources({ pidsLimit: 7 })).toEqual({ resources: undefined, pidsLimit: 7 })
})

test.each([
  ['0-2,5', [0, 1, 2, 5]],
  ['3', [3]],
  ['1-', undefined],
  ['', undefined],
  ['99999', undefined],
])('numbers of %j', (list, numbers) => {
  const found = numbersOf(list)
  expect(found && [...found]).toEqual(numbers)
})
