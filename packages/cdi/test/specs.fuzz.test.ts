import { applyEdits, type CdiSpec, isDeviceName, parseSpec, readSpec } from '@podwright/cdi'
import { isPodwrightError } from '@podwright/conventions'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { config, specOf } from './fixtures.ts'

const cases = Number(process.env['PODWRIGHT_FUZZ_CASES'] ?? 300)
const timeoutMs = 60_000 + cases * 20

const whole: CdiSpec = {
  ...specOf('x', ['a', '0']),
  cdiVersion: '1.1.0',
  annotations: { a: 'b' },
  containerEdits: {
    env: ['A=1'],
    deviceNodes: [{ path: '/dev/a', hostPath: '/dev/null', type: 'c', major: 1, minor: 3, permissions: 'rw', uid: 0 }],
    mounts: [{ hostPath: '/usr', containerPath: '/opt/x', options: ['ro', 'bind'], type: 'none' }],
    hooks: [{ hookName: 'createRuntime', path: '/bin/true', args: ['true'], timeout: 1 }],
    additionalGids: [1],
    intelRdt: { closID: 'x' },
    netDevices: [{ hostInterfaceName: 'a', name: 'b' }],
  },
}
const json = JSON.stringify(whole)

/** What is taken can be used: parsed again it is the same, its names are names, and its edits can be made. */
function checkTaken(spec: CdiSpec): void {
  expect(parseSpec(structuredClone(spec))).toEqual(spec)
  for (const { name } of spec.devices) expect(isDeviceName(`${spec.kind}=${name}`)).toBe(true)
  for (const edits of [spec.containerEdits ?? {}, ...spec.devices.map(({ containerEdits }) => containerEdits)]) {
    try {
      const edited = applyEdits(config, edits)
      expect(edited.mounts.every(({ destination }) => destination.startsWith('/') && destination !== '/')).toBe(true)
    } catch (error) {
      expect(isPodwrightError(error, 'ERR_CDI_HOST_DEVICE')).toBe(true)
    }
  }
}

function refusedOrTaken(error: unknown): void {
  expect(isPodwrightError(error, 'ERR_CDI_SPEC_INVALID'), String(error)).toBe(true)
}

async function readOrRefuse(bytes: Uint8Array, format: 'json' | 'yaml'): Promise<void> {
  let spec: CdiSpec
  try {
    spec = await readSpec(bytes, format)
  } catch (error) {
    return refusedOrTaken(error)
  }
  checkTaken(spec)
}

const anyBytes = fc.uint8Array({ maxLength: 400 })
const words = [
  '- ',
  ': ',
  '\n',
  '  ',
  '{',
  '}',
  '[',
  ']',
  '&a ',
  '*a',
  '!!int ',
  '"',
  "'",
  '|',
  '#',
  '---\n',
  '<<: ',
  '0x',
  '0o7',
  '1:30',
  'null',
  '\u2028',
  '\0',
]

test('bytes with changes are a spec or refused', { timeout: timeoutMs }, async () => {
  expect.hasAssertions()
  const mutation = fc.record({
    at: fc.nat(json.length),
    length: fc.nat(6),
    text: fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 6 })),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), fc.constantFrom('json', 'yaml'), async (mutations, format) => {
      let text = json
      for (const { at, length, text: inserted } of mutations) text = text.slice(0, at) + inserted + text.slice(at + length)
      await readOrRefuse(new TextEncoder().encode(text), format)
    }),
    { numRuns: cases },
  )
})

test('anything is a spec or refused', { timeout: timeoutMs }, async () => {
  expect.hasAssertions()
  await fc.assert(fc.asyncProperty(anyBytes, fc.constantFrom('json', 'yaml'), readOrRefuse), { numRuns: cases })
  const lines = fc.array(fc.oneof(fc.constantFrom(...words, 'devices', 'name', 'kind', 'env', 'A=1'), fc.string({ maxLength: 4 })), {
    maxLength: 60,
  })
  await fc.assert(
    fc.asyncProperty(lines, async (parts) => readOrRefuse(new TextEncoder().encode(parts.join('')), 'yaml')),
    { numRuns: cases },
  )
})

test('any value in any place is taken or refused with the place', { timeout: timeoutMs }, () => {
  const places = placesOf(whole)
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (place, value) => {
      const changed = structuredClone(whole)
      let holder: unknown = changed
      for (const key of place.slice(0, -1)) holder = (holder as Record<string, unknown>)[key]
      ;(holder as Record<string, unknown>)[place.at(-1)!] = value
      let spec: CdiSpec
      try {
        spec = parseSpec(changed)
      } catch (error) {
        refusedOrTaken(error)
        expect((error as { readonly details: object }).details).toHaveProperty('path')
        return
      }
      checkTaken(spec)
    }),
    { numRuns: cases },
  )
})

function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path]
  return [...(path.length === 0 ? [] : [path]), ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...path, key]))]
}
