import { describe, expect, test } from 'vitest'
import {
  composeIdMaps,
  fullIdMap,
  isIdentityMap,
  mergeMappings,
  parseIdMappings,
  readIdMap,
  toContainer,
  toHost,
  validateIdMappings,
} from '../src/id-map.ts'
import { isRootless } from '../src/rootless.ts'

const line = (containerId: number, hostId: number, size: number) => ({ containerId, hostId, size })
const rootless = [line(0, 1000, 1), line(1, 100_000, 65_536)]
const first = parseIdMappings('         0          0 4294967295\n')

describe('toHost and toContainer', () => {
  test.each([
    [0, 1000],
    [1, 100_000],
    [33, 100_032],
    [65_536, 165_535],
  ])('%d inside is %d outside', (inside, outside) => {
    expect(toHost(rootless, inside)).toBe(outside)
    expect(toContainer(rootless, outside)).toBe(inside)
  })

  test('what is not mapped is undefined', () => {
    expect([toHost(rootless, 65_537), toContainer(rootless, 999), toContainer(rootless, 0), toHost([], 0)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('composeIdMaps', () => {
  test('goes through both', () => {
    // A container with ids 0…9999 at 1000…10999 of the rootless namespace.
    expect(composeIdMaps([line(0, 1000, 10_000)], rootless)).toEqual([line(0, 100_999, 10_000)])
  })

  test('splits where the outer map does, and leaves out what it does not map', () => {
    expect(composeIdMaps([line(0, 0, 70_000)], rootless)).toEqual(rootless)
    expect(composeIdMaps([line(10, 65_530, 100)], rootless)).toEqual([line(10, 165_529, 7)])
    expect(composeIdMaps([line(0, 100_000, 5)], rootless)).toEqual([])
  })

  test('agrees with going through one after the other', () => {
    const inner = [line(0, 5, 3), line(100, 0, 2), line(200, 65_000, 1000)]
    const composed = composeIdMaps(inner, rootless)
    for (const id of [0, 2, 3, 100, 101, 102, 200, 736, 737, 1199]) {
      const between = toHost(inner, id)
      expect(toHost(composed, id)).toBe(between === undefined ? undefined : toHost(rootless, between))
    }
  })
})

describe('fullIdMap', () => {
  test("is podman's: 0 is the user, 1 and up are the ranges", () => {
    const uids = [
      { start: 100_000, size: 65_536 },
      { start: 300_000, size: 10 },
    ]
    expect(fullIdMap(1000, 1001, { uids, gids: [{ start: 5000, size: 2 }] })).toEqual({
      uids: [line(0, 1000, 1), line(1, 100_000, 65_536), line(65_537, 300_000, 10)],
      gids: [line(0, 1001, 1), line(1, 5000, 2)],
    })
  })

  test('neighbours become one line', () => {
    expect(mergeMappings([line(1, 11, 4), line(0, 10, 1), line(5, 16, 1)])).toEqual([line(0, 10, 5), line(5, 16, 1)])
  })
})

describe('validateIdMappings', () => {
  test('takes what the kernel takes', () => {
    expect(() => validateIdMappings(rootless)).not.toThrow()
    expect(() => validateIdMappings(first)).not.toThrow()
  })

  test.each([
    ['nothing', [], /empty/],
    ['an overlap inside', [line(0, 0, 10), line(9, 100, 10)], /0:0:10 and 9:100:10 overlap inside/],
    ['an overlap outside', [line(0, 0, 10), line(10, 9, 10)], /overlap outside/],
    ['a size of nothing', [line(0, 0, 0)], /size of at least 1/],
    ['a negative id', [line(0, -1, 1)], /whole numbers/],
    ['what goes too far', [line(0, 4_294_967_295, 1)], /beyond the last id/],
  ])('refuses %s', (_, mappings, message) => {
    expect(() => validateIdMappings(mappings)).toThrow(
      expect.objectContaining({ code: 'ERR_USERNS_ID_MAP', message: expect.stringMatching(message) }),
    )
  })
})

describe('isRootless', () => {
  const identity = { uids: first, gids: first }
  const mapped = { uids: rootless, gids: rootless }

  test.each([
    ['root of the first namespace', 0, identity, false],
    ['a plain user', 1000, identity, true],
    ['uid 0 in a user namespace', 0, mapped, true],
    ['root where /proc does not tell', 0, undefined, false],
  ])('%s', (_, uid, map, expected) => expect(isRootless(uid, map)).toBe(expected))

  test('this process', () => {
    const map = readIdMap()
    expect(isRootless()).toBe(process.geteuid?.() !== 0 || (map !== undefined && !isIdentityMap(map)))
    expect(readIdMap(2 ** 22 + 1)).toBeUndefined()
  })
})
