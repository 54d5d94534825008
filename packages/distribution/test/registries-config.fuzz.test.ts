import { emptyRegistriesConfig, endpointsOf, resolveShortName } from '@podwright/distribution'
import { formatReference, parseReference } from '@podwright/oci'
import { type Arbitrary, array, assert, constantFrom, nat, oneof, property, string, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { mergeRegistriesConfig } from '../src/internal/registries/merge-config.ts'
import { parseRegistriesToml } from '../src/internal/registries/parse-toml.ts'
import { fuzzing, fuzzTimeoutMs, outcomeName, outcomeOf } from './fixtures/fuzz.ts'
import { tally } from './fixtures/tally.ts'

const places = constantFrom(
  'docker.io',
  'quay.io',
  'quay.io/team',
  '*.example.com',
  '*.',
  '',
  'x/y/',
  'localhost:5000',
  'https://x.io',
  'a.io/b:c',
  '../x',
  '[::1]:5000/x',
)
const values: Arbitrary<string> = oneof(
  places.map((place) => JSON.stringify(place)),
  constantFrom(
    'true',
    'false',
    '1',
    '[]',
    '["a.io", "b.io"]',
    '[1]',
    '{}',
    '"enforcing"',
    '"disabled"',
    '"digest-only"',
    '2026-01-01',
    'nan',
    '"""\n"""',
  ),
  string({ maxLength: 6 }),
)
const keys = constantFrom(
  'prefix',
  'location',
  'insecure',
  'blocked',
  'mirror-by-digest-only',
  'pull-from-mirror',
  'unqualified-search-registries',
  'short-name-mode',
  'credential-helpers',
  '"debian"',
  '__proto__',
)
const lines: Arbitrary<string> = oneof(
  { weight: 4, arbitrary: tuple(keys, values).map(([key, value]) => `${key} = ${value}`) },
  {
    weight: 3,
    arbitrary: constantFrom(
      '[[registry]]',
      '[[registry.mirror]]',
      '[aliases]',
      '[registries.search]',
      '# x',
      '[[registry]]\nprefix = "quay.io"\nlocation = "m.io"',
    ),
  },
  { weight: 1, arbitrary: string({ maxLength: 10 }) },
)
const texts = array(lines, { maxLength: 12 }).map((parts) => parts.join('\n'))
const references = constantFrom(
  'docker.io/library/debian:12',
  'quay.io/team/app:1',
  'a.b.example.com:5000/x:1',
  `localhost:5000/x@sha256:${'a'.repeat(64)}`,
)

test('a registries.conf is read, or refused with a code', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'registries.conf')
  assert(
    property(texts, references, constantFrom('pull', 'push'), nat(), (text, name, purpose, short) => {
      const outcome = outcomeOf(() => mergeRegistriesConfig(emptyRegistriesConfig, parseRegistriesToml(text, 'registries.conf')))
      count(outcomeName(outcome))
      if ('code' in outcome) return void expect(outcome.code).toBe('ERR_REGISTRIES_CONFIG_INVALID')
      const config = outcome.result
      const endpoints = outcomeOf(() => endpointsOf(parseReference(name), config, { purpose: purpose }))
      if ('code' in endpoints) expect(endpoints.code).toBe('ERR_REGISTRY_BLOCKED')
      else for (const { registry, repository } of endpoints.result) expect(`${registry}/${repository}`).toMatch(/^[^/\s]+\/[^\s]+$/)
      const names = outcomeOf(() => resolveShortName(short % 2 === 0 ? 'debian' : 'other:1', config))
      if ('result' in names) for (const found of names.result) expect(parseReference(formatReference(found))).toEqual(found)
    }),
    fuzzing,
  )
  expect(Object.getPrototypeOf({})).toBe(Object.prototype)
})
