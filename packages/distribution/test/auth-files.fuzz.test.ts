import { type Credentials } from '@podwright/distribution'
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  json,
  nat,
  oneof,
  property,
  record,
  string,
  tuple,
} from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { normalizeKey, parseLoginTarget } from '../src/internal/credentials/auth-keys.ts'
import { editAuthFile } from '../src/internal/credentials/edit-auth-file.ts'
import { findInAuthFile } from '../src/internal/credentials/find-in-auth-file.ts'
import { parseAuthFile } from '../src/internal/credentials/read-auth-file.ts'
import { fuzzing, fuzzTimeoutMs, outcomeName, outcomeOf } from './fixtures/fuzz.ts'
import { tally } from './fixtures/tally.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const keys = oneof(
  constantFrom(
    'quay.io',
    'https://index.docker.io/v1/',
    'docker.io',
    'quay.io/team',
    'localhost:5000',
    '__proto__',
    'constructor',
    '',
    '///',
    'https://x/v2/',
  ),
  string({ maxLength: 20 }),
)
const texts = oneof(constantFrom('', 'user:pa:ss', '<token>', '\0'), string())
const entry = oneof(
  record({ auth: texts.map(base64) }),
  record({ auth: oneof(texts, constantFrom(null, 1, {}, [])) }),
  record({ username: texts, password: texts }),
  record({ auth: texts.map((text) => base64(`${text}:`)), identitytoken: texts }),
  record({ registrytoken: texts }),
  constantFrom(null, {}, [], 'x', 1),
)
const files: Arbitrary<string> = oneof(
  {
    weight: 6,
    arbitrary: record(
      {
        auths: dictionary(keys, entry, { maxKeys: 6 }),
        credHelpers: dictionary(keys, oneof(texts, constantFrom(null, 1))),
        credsStore: oneof(texts, constantFrom(null, {})),
      },
      { requiredKeys: [] },
    ).map((file) => JSON.stringify(file)),
  },
  { weight: 2, arbitrary: json() },
  { weight: 1, arbitrary: string() },
)
/** Some characters changed, or the end cut off. */
const spoilt: Arbitrary<string> = tuple(files, array(tuple(nat(), string({ maxLength: 2 })), { maxLength: 2 }), nat()).map(
  ([text, spots, cut]) => {
    let copy = text
    for (const [where, what] of spots) copy = copy.slice(0, where % (copy.length + 1)) + what + copy.slice((where % (copy.length + 1)) + 1)
    return cut % 5 === 0 ? copy.slice(0, cut % (copy.length + 1)) : copy
  },
)

test('an auth file is read, or refused with a code', { timeout: fuzzTimeoutMs }, async (context) => {
  const count = tally(context, 'auth files')
  const runHelper = (): Promise<string> => Promise.reject(new Error('credentials not found'))
  await assert(
    asyncProperty(oneof(files, spoilt), keys, async (text, registry) => {
      const outcome = outcomeOf(() => parseAuthFile('auth.json', text))
      count(outcomeName(outcome))
      if ('code' in outcome) return void expect(outcome.code).toBe('ERR_CREDENTIALS_INVALID')
      const search = { runHelper, helped: new Map<string, Promise<Credentials | undefined>>() }
      const found = await findInAuthFile({ ...outcome.result, store: undefined, helpers: new Map() }, registry, 'a/b', search)
      expect(found === undefined || ['basic', 'identity', 'bearer'].includes(found.type)).toBe(true)
    }),
    fuzzing,
  )
})

test('a refusal quotes nothing of a file', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'auth files')
  const secret = 'c2VjcmV0LXdvcmQ'
  assert(
    property(files, nat(), (text, where) => {
      const at = where % (text.length + 1)
      const outcome = outcomeOf(() => parseAuthFile('auth.json', `${text.slice(0, at)}"${secret}"${text.slice(at)}`))
      count(outcomeName(outcome))
      if ('code' in outcome) expect(outcome.message).not.toContain(secret)
    }),
    fuzzing,
  )
})

test('a key is the same once it is normal, and a name to log in at is one or is refused', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'keys of auth files')
  assert(
    property(keys, (key) => {
      const outcome = outcomeOf(() => parseLoginTarget(key))
      count(outcomeName(outcome))
      if ('code' in outcome) return void expect(outcome.code).toBe('ERR_REGISTRY_NAME_INVALID')
      expect(outcome.result.key).toBe(normalizeKey(outcome.result.key))
      expect(outcome.result.registry).not.toMatch(/[\s/@]/)
    }),
    fuzzing,
  )
})

test('an edit changes its entry, and nothing else', { timeout: fuzzTimeoutMs * 4 }, async (context) => {
  const count = tally(context, 'auth files')
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-'))
  const file = join(directory, 'auth.json')
  const credentials: Credentials = { type: 'basic', username: 'u', password: 'p' }
  try {
    await assert(
      asyncProperty(oneof(files, spoilt), async (text) => {
        writeFileSync(file, text)
        const edited = await editAuthFile(file, { key: 'edited.example', credentials }).then(
          () => undefined,
          (error: { code?: string }) => error.code,
        )
        count(edited ?? 'right')
        if (edited !== undefined) {
          expect(edited).toBe('ERR_CREDENTIALS_INVALID')
          return void expect(readFileSync(file, 'utf8')).toBe(text)
        }
        const before = (text.trim() === '' ? {} : JSON.parse(text)) as Record<string, unknown>
        const after = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>
        expect(Object.keys(after).toSorted()).toEqual([...new Set([...Object.keys(before), 'auths'])].toSorted())
        expect(after['auths']?.['edited.example']).toEqual({ auth: base64('u:p') })
        for (const key of Object.keys(before).filter((name) => name !== 'auths')) expect(after[key]).toEqual(before[key])
      }),
      // Each is written to disk and synced.
      { numRuns: Math.min(fuzzing.numRuns, 5000) },
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
})
