import {
  familiarName,
  formatReference,
  isDigest,
  normalizeReference,
  parseDigest,
  parseNamed,
  parsePlatform,
  parseReference,
} from '@podwright/oci'
import { type Arbitrary, array, assert, constantFrom, oneof, property, string, stringMatching, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { fuzzing, fuzzTimeoutMs, outcomeName, outcomeOf } from './fixtures/fuzz.ts'
import { tally } from './fixtures/tally.ts'

/** Parts of names, right and wrong, in any order. */
const nearlyNames: Arbitrary<string> = array(
  oneof(
    constantFrom(
      'docker.io',
      'localhost',
      'a',
      'library',
      'A',
      '127.0.0.1:5000',
      '[::1]:5000',
      '/',
      ':',
      '@',
      '.',
      '__',
      '-',
      'sha256:',
      ' ',
      '\0',
      'é',
    ),
    string({ maxLength: 4 }),
    constantFrom(`sha256:${'a'.repeat(64)}`, 'x'.repeat(300)),
  ),
  { maxLength: 8 },
).map((parts) => parts.join(''))

const rightNames: Arbitrary<string> = tuple(
  constantFrom('docker.io', 'quay.io', 'localhost:5000', '[::1]:5000', 'EXAMPLE.com'),
  array(stringMatching(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
  stringMatching(/^(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,20})?$/),
  constantFrom('', `@sha256:${'0'.repeat(64)}`),
).map(([registry, path, tag, digest]) => `${registry}/${path.join('/')}${tag}${digest}`)

test('any text is a name or an error with a code', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'names of images')
  assert(
    property(oneof(nearlyNames, string()), (text) => {
      for (const parse of [parseNamed, parseReference, parseDigest, parsePlatform]) outcomeOf(() => parse(text))
      count(outcomeName(outcomeOf(() => normalizeReference(text))))
    }),
    fuzzing,
  )
})

test('a name that was read is read the same from what is written of it', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'names of images')
  assert(
    property(oneof(rightNames, nearlyNames), (text) => {
      const outcome = outcomeOf(() => normalizeReference(text))
      count(outcomeName(outcome))
      if ('code' in outcome) return
      const { result } = outcome
      expect(parseReference(formatReference(result))).toEqual(result)
      expect(normalizeReference(familiarName(result))).toEqual(result)
      expect(result.digest === undefined || isDigest(result.digest)).toBe(true)
      // Both become parts of paths.
      expect(`${result.repository}/${result.tag ?? ''}`).not.toMatch(/\.\.\/|^\/|[\s\0]/)
    }),
    fuzzing,
  )
})

test('right names are read', { timeout: fuzzTimeoutMs }, () => {
  assert(
    property(rightNames, (text) => void parseReference(text)),
    fuzzing,
  )
})
