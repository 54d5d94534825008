import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseTemplate } from '../../src/index.ts'
import { dataSets, type OracleCase, oracleCases } from './cases.ts'

interface Golden extends OracleCase {
  readonly output?: string
  readonly error?: string
}

const goldens = JSON.parse(readFileSync(new URL('goldens.json', import.meta.url), 'utf8')) as readonly Golden[]

/** Where ours says something else, and why. */
const explained: Readonly<Record<string, string>> = {
  '{{9223372036854775808}}': 'told when the template is read, not when it is executed',
  '{{len nil}}': "Go's message is that of its reflect package",
  '{{call .s}}': 'Go 1.24 names the argument as ours does',
  '{{call .person 1}}': 'Go 1.24 names the argument as ours does',
  '{{.s)}}': 'Go 1.24 says what ours does',
  '{{08}}': "Go calls it an overflow, which it isn't",
  '{{printf 1}}': 'functions check their arguments themselves',
  '{{index .m "x"}}': 'a Map has no type of its keys',
}

/** Of what comes out of a map or list, Go knows no type but `interface {}`; ours tells what it is. */
const untyped = (message: string | undefined): string | undefined =>
  message?.replace(/ in type (interface \{\}|string|int|\[\]interface \{\})$/, ' in type …')

function executeOurs({ template, data, missingKey }: OracleCase): {
  readonly output?: string
  readonly error?: string | undefined
} {
  try {
    return { output: parseTemplate(template, missingKey === undefined ? {} : { missingKey }).execute(dataSets[data]) }
  } catch (error) {
    return { error: untyped((error as Error).message) }
  }
}

test.each(goldens.filter(({ template }) => explained[template] === undefined))(
  '$data $template is what Go makes of it',
  ({ output, error, ...one }) => {
    expect(executeOurs(one)).toEqual(output === undefined ? { error: untyped(error) } : { output })
  },
)

test.each(goldens.filter(({ template }) => explained[template] !== undefined))(
  '$data $template is not, as explained',
  ({ output, error, ...one }) => {
    expect(executeOurs(one)).not.toEqual(output === undefined ? { error: untyped(error) } : { output })
  },
)

test('the goldens are those of the cases', () => {
  const asked = (cases: readonly OracleCase[]): readonly string[] =>
    cases.map(({ data, template, missingKey }) => JSON.stringify([data, template, missingKey]))
  expect(asked(goldens)).toEqual(asked(oracleCases))
})
