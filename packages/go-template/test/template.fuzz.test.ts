import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { alignTabs, GoFloat, GoTemplateError, parseListFormat, parseTemplate, sprintf } from '../src/index.ts'
import { dataSets } from './oracle/cases.ts'

const numRuns = Number(process.env['PODWRIGHT_FUZZ_CASES'] ?? 2000)
const limits = { maximumSteps: 20_000, maximumLength: 200_000, maximumDepth: 40 }

const words = [
  '.s',
  '.n',
  '.l',
  '.m',
  '.m.c',
  '.rows',
  '.missing',
  '$',
  '.',
  '$x',
  '$i',
  'nil',
  'true',
  '1',
  '-3',
  '0x1F',
  '1.5',
  '1e9',
  '"a"',
  '"%d %v"',
  '`r`',
  "'c'",
  '(',
  ')',
  '|',
  ':=',
  '=',
  ',',
  'len',
  'index',
  'printf',
  'print',
  'eq',
  'lt',
  'and',
  'or',
  'not',
  'slice',
  'call',
  'html',
  'js',
  'json',
  'join',
  'split',
  '.x.y',
  '..',
  '-',
  '@',
  '\u0000',
  '"',
  '`',
  '1000000',
  '"%1000000d"',
]
const pipeline = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((parts) => parts.join(' '))
const keyword = fc.constantFrom(
  'if',
  'with',
  'range',
  'else',
  'else if',
  'end',
  'define "t"',
  'template "t"',
  'block "t"',
  'break',
  'continue',
  'range $i, $x :=',
  '$x :=',
  '$x =',
  '/* c */',
  '',
)
const action = fc
  .tuple(fc.constantFrom('{{', '{{- ', '{{ '), keyword, fc.constant(' '), pipeline, fc.constantFrom('}}', ' -}}', '', ' }}'))
  .map((parts) => parts.join(''))
const text = fc.oneof(fc.constantFrom('', ' ', '\n', 'text', '\t', '}}', '{'), fc.string({ maxLength: 4 }))

/** Templates that nearly are some: their blocks are closed, mostly. */
const nearTemplate = fc.array(fc.tuple(text, action), { maxLength: 10 }).map((parts) => {
  const whole = parts.map(([before, one]) => before + one).join('')
  const opened = (whole.match(/\{\{-? ?(if|with|range|define|block)\b/g) ?? []).length
  const closed = (whole.match(/\{\{-? ?end/g) ?? []).length
  return whole + '{{end}}'.repeat(Math.max(0, opened - closed))
})

/** How the work ends: with a text, or an error of ours; any other error is thrown. */
function endOf(work: () => unknown): unknown {
  try {
    return typeof work()
  } catch (error) {
    if (error instanceof GoTemplateError && error.code.startsWith('ERR_TEMPLATE_')) return 'string'
    throw error
  }
}

function expectEnd(work: () => unknown): void {
  expect(endOf(work)).toBe('string')
}

const timeout = 60_000 + numRuns

test('a template is executed or refused with a code', { timeout }, () => {
  fc.assert(
    fc.property(
      fc.oneof(nearTemplate, fc.string({ unit: 'binary', maxLength: 40 })),
      fc.constantFrom(...Object.values(dataSets)),
      (template, data) => {
        expectEnd(() => parseTemplate(template, limits).execute(data))
        expectEnd(() => parseListFormat(template, limits).render([data, data], { titles: {} }))
      },
    ),
    { numRuns },
  )
})

test('printf takes any format and any values', { timeout }, () => {
  const format = fc
    .array(
      fc.constantFrom('%', 'd', 's', 'v', '+', '-', '#', '0', ' ', '*', '.', '[1]', '[9]', '[', '5', '999999999', 'q', 'x', 'é', 'T', 'U'),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''))
  const value = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
    fc.double(),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(format, fc.array(value, { maxLength: 3 }), (one, values) => expectEnd(() => sprintf(one, values))),
    { numRuns },
  )
})

test('floats are printed so that they are read as what they were', { timeout }, () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 30 }), (value, precision) => {
      const float = new GoFloat(value)
      expect(Number(sprintf('%v', [float]))).toBe(value)
      expect(Number(sprintf('%.17e', [float]))).toBe(value)
      expect(sprintf(`%.${precision}f`, [float])).toMatch(precision === 0 ? /^-?\d+$/ : /^-?\d+\.\d+$/)
    }),
    { numRuns },
  )
})

test('aligned columns begin below each other', { timeout }, () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), maxLength: 20 })
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), (rows) => {
      const lines = alignTabs(rows.map((row) => row.join('\t')).join('\n')).split('\n')
      const width = Math.max(10, ...rows.map(([first]) => first.length + 3))
      expect(lines).toEqual(rows.map(([first, second]) => first.padEnd(width) + second))
    }),
    { numRuns: Math.min(numRuns, 5000) },
  )
})
