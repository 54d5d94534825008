import { array, assert, constantFrom, oneof, property, string, stringMatching, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { parseChallenges } from '../src/internal/auth/challenge.ts'
import { retryAfterMs } from '../src/internal/http/retry.ts'
import { proxyFor } from '../src/internal/http/proxy-environment.ts'
import { scriptedClock } from './fixtures/scripted-clock.ts'
import { fuzzing, fuzzTimeoutMs, outcomeOf } from './fixtures/fuzz.ts'
import { tally } from './fixtures/tally.ts'

const pieces = constantFrom('Bearer', 'Basic', 'realm', '=', '"', '\\', ',', ' ', 'scope="a b:c"', 'x=y', '\t', 'é', '\u0000', '""')
const token = stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/)

test('any header is challenges or none', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'challenges of registries')
  assert(
    property(
      oneof(
        array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
        string({ maxLength: 200 }),
      ),
      (header) => {
        const challenges = parseChallenges(header)
        count(challenges.length > 0 ? 'right' : 'none')
        for (const { scheme, parameters } of challenges) {
          expect(scheme).toBe(scheme.toLowerCase())
          for (const [name, value] of Object.entries(parameters)) expect(typeof name + typeof value).toBe('stringstring')
        }
      },
    ),
    fuzzing,
  )
})

test('what is written by the rules is read so, whatever is quoted', { timeout: fuzzTimeoutMs }, () => {
  const parameters = array(
    tuple(
      token.map((name) => name.toLowerCase()),
      string({ maxLength: 20 }),
    ),
    { maxLength: 4 },
  ).map((pairs) => Object.fromEntries(pairs))
  assert(
    property(array(tuple(token, parameters), { minLength: 1, maxLength: 3 }), (challenges) => {
      const header = challenges
        .map(([scheme, given]) =>
          `${scheme} ${Object.entries(given)
            .map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`)
            .join(', ')}`.trim(),
        )
        .join(', ')
      expect(parseChallenges(header)).toEqual(challenges.map(([scheme, given]) => ({ scheme: scheme.toLowerCase(), parameters: given })))
    }),
    fuzzing,
  )
})

test('a header of many quotes takes no longer than one of many letters', () => {
  expect(parseChallenges(`Basic ${'x="'.repeat(100_000)}`).length).toBeGreaterThan(0)
  expect(parseChallenges(','.repeat(1_000_000))).toEqual([])
  expect(parseChallenges(`Basic realm=${'\\"'.repeat(100_000)}`).length).toBeGreaterThan(0)
})

test('Retry-After and the environment may say what they like', { timeout: fuzzTimeoutMs }, () => {
  assert(
    property(string(), constantFrom('10.0.0.0/8', 'fd00::/8', '*', '[::1]:1', ':', '/', 'a:b:c'), (text, exempt) => {
      const pause = retryAfterMs(text, scriptedClock())
      expect(pause === undefined || pause >= 0).toBe(true)
      outcomeOf(() => proxyFor(new URL('https://[fd00::1]:5000/'), { https_proxy: text, no_proxy: `${text},${exempt}` }))
    }),
    fuzzing,
  )
})
