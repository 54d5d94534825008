import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRegistriesToml } from '../src/internal/registries/parse-toml.ts'
import { readPlainAliases } from '../src/internal/registries/plain-aliases.ts'

const word = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '.', '-', '_', '1', ':', '@', '"', '\\', ' ', '#', '='),
  minLength: 1,
  maxLength: 6,
})
const entry = fc.tuple(word, word).map(([name, target]) => `"${name}" = "${target}"`)
const line = fc.oneof(
  { weight: 6, arbitrary: entry },
  fc.constantFrom('', '  ', '# a note', '[aliases]', '[[registry]]', 'a = "b"', '"a" = "b" # so', '"a" = 1'),
)

test('what is read as plain aliases is what the parser of TOML makes of it', () => {
  let plain = 0
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const text = ['# shipped', '[aliases]', ...lines].join('\n')
      const aliases = readPlainAliases(text)
      if (aliases === undefined) return
      plain++
      expect(aliases).toEqual(parseRegistriesToml(text, 'x').aliases)
    }),
    { numRuns: 2000 },
  )
  expect(plain).toBeGreaterThan(50)
})

test.each([
  '',
  '# only a note',
  '[[registry]]\nlocation = "a"',
  'short-name-mode = "enforcing"\n[aliases]\n"a" = "b"',
  '[aliases]\n"a" = "b"\n"a" = "c"',
])('anything else is for the parser: %j', (text) => expect(readPlainAliases(text)).toBeUndefined())
