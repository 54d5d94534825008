/** `node -C @podwright/source test/oracle/make-goldens.ts`: asks Go, which must be installed, what the cases print, and writes it to goldens.json. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { oracleCases } from './cases.ts'

const cases = oracleCases.map(({ data, template, missingKey = '' }) => ({ Data: data, Template: template, MissingKey: missingKey }))
const output = execFileSync('go', ['run', new URL('main.go', import.meta.url).pathname], {
  input: JSON.stringify(cases),
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
})
const results = JSON.parse(output) as readonly object[]
const goldens = oracleCases.map((one, at) => ({ ...one, ...results[at] }))
writeFileSync(new URL('goldens.json', import.meta.url), `[\n${goldens.map((golden) => JSON.stringify(golden)).join(',\n')}\n]\n`)
