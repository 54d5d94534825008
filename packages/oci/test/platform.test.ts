import {
  type Descriptor,
  formatPlatform,
  hostPlatform,
  matchPlatform,
  mediaTypes,
  parsePlatform,
  type Platform,
  runsOn,
} from '@podwright/oci'
import { describe, expect, test } from 'vitest'

test.each([
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['amd64', 'linux/amd64'],
  ['aarch64', 'linux/arm64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/arm64/8', 'linux/arm64'],
  ['linux/arm64/v9', 'linux/arm64/v9'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/armhf', 'linux/arm/v7'],
  ['linux/armel', 'linux/arm/v6'],
  ['linux/arm/6', 'linux/arm/v6'],
  ['linux/amd64/v1', 'linux/amd64'],
  ['linux/amd64/v3', 'linux/amd64/v3'],
  ['Linux/AMD64', 'linux/amd64'],
  ['windows/amd64', 'windows/amd64'],
  ['macos/arm64', 'darwin/arm64'],
])('%s is %s', (text, expected) => expect(formatPlatform(parsePlatform(text))).toBe(expected))

test.each(['', '/', 'linux/', 'linux/amd64/v1/x', 'linux/am d64', 'linux//v7'])('%j is no platform', (text) => {
  expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'ERR_PLATFORM_INVALID' }))
})

test('this machine has one, in words of Go', () => {
  const host = hostPlatform()
  expect(parsePlatform(formatPlatform(host))).toEqual(host)
  expect(host.architecture).not.toBe('x64')
})

const at = (version: string): Platform => ({ os: 'windows', architecture: 'amd64', 'os.version': version })

const offer = (...platforms: (string | undefined)[]): Descriptor[] =>
  platforms.map((platform, index) => {
    const [os = '', architecture = '', variant] = platform?.split('/') ?? []
    return {
      mediaType: mediaTypes.ociManifest,
      digest: `sha256:${String(index).repeat(64)}`,
      size: 1,
      ...(platform !== undefined && { platform: { os, architecture, ...(variant !== undefined && { variant }) } }),
    }
  })

describe('matchPlatform', () => {
  const choose = (wanted: string, ...platforms: (string | undefined)[]): number => {
    const candidates = offer(...platforms)
    const chosen = matchPlatform(parsePlatform(wanted), candidates)
    return chosen === undefined ? -1 : candidates.indexOf(chosen)
  }

  test.each([
    ['linux/amd64', ['linux/arm64', 'linux/amd64'], 1],
    ['linux/arm64', ['linux/amd64', 'linux/arm64/v8'], 1],
    ['linux/arm64/v8', ['linux/arm64'], 0],
    ['linux/arm64/v9', ['linux/arm64'], 0],
    ['linux/arm64/v9.2', ['linux/arm64', 'linux/arm64/v9'], 1],
    ['linux/arm64', ['linux/arm64/v9'], -1],
    ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6'], 1],
    ['linux/arm/v7', ['linux/arm/v6', 'linux/arm/v7'], 1],
    ['linux/arm/v6', ['linux/arm/v7'], -1],
    ['linux/arm/v7', ['linux/arm'], 0],
    ['linux/amd64', ['linux/amd64/v2', 'linux/amd64'], 1],
    ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 1],
    ['linux/amd64', ['linux/386'], -1],
    ['linux/amd64', ['windows/amd64'], -1],
    ['linux/amd64', ['linux/amd64', 'linux/amd64'], 0],
    ['linux/amd64', ['unknown/unknown'], -1],
    ['linux/amd64', ['linux/arm64', undefined], 1],
    ['linux/amd64', [undefined, 'linux/amd64'], 1],
    ['linux/amd64', [], -1],
  ] as const)('for %s out of %j: number %i', (wanted, platforms, expected) => expect(choose(wanted, ...platforms)).toBe(expected))

  test('of two versions of an os, the one asked for', () => {
    const [one, other] = offer('windows/amd64', 'windows/amd64')
    const candidates = [
      { ...one!, platform: at('10.0.17763.1') },
      { ...other!, platform: at('10.0.20348.2') },
    ]
    expect(matchPlatform(at('10.0.20348.2'), candidates)).toBe(candidates[1])
  })

  test('runsOn goes by the same rules', () => {
    expect(runsOn(parsePlatform('linux/arm/v6'), parsePlatform('linux/arm/v7'))).toBe(true)
    expect(runsOn(parsePlatform('linux/arm/v7'), parsePlatform('linux/arm/v6'))).toBe(false)
  })
})
