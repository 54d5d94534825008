/*
 * Runs in the machine, at each of its boots: the tests before its reboot, then those after it. Each result goes out by the second serial port as a line of JSON.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from 'node:test'

const here = import.meta.dirname
const marker = '/var/lib/podwright-tests/rebooted'

function tell(message: object): void {
  appendFileSync('/dev/ttyS1', `${JSON.stringify(message)}\n`)
}

/** What a test that failed says, with what the command that it ran said. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : message
  return reason.slice(0, 4000)
}

async function runTests(directory: string, only: string | undefined): Promise<void> {
  const files = globSync(join(here, directory, '*.test.ts')).toSorted()
  const stream = run({ files, isolation: 'none', concurrency: false, ...(only !== undefined && { testNamePatterns: [new RegExp(only)] }) })
  for await (const { type, data } of stream) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const { name, file = '', details, skip } = data
    if (details.type === 'suite') continue
    const state = skip !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'
    const note = type === 'test:fail' ? reasonOf(data.details.error) : typeof skip === 'string' ? skip : undefined
    tell({ kind: 'test', file: `vm/${directory}/${basename(file)}`, name, state, seconds: Math.round(details.duration_ms / 1000), note })
  }
}

async function main(): Promise<void> {
  execFileSync('stty', ['-F', '/dev/ttyS1', 'raw', '-echo'])
  const { only } = JSON.parse(readFileSync(join(here, '../settings.json'), 'utf8')) as { readonly only?: string }
  const isSecond = existsSync(marker)
  tell({ kind: 'boot', text: isSecond ? 'Rebooted.' : 'Booted.' })
  try {
    await runTests(isSecond ? 'after-reboot' : 'before-reboot', only)
  } catch (error) {
    tell({ kind: 'fault', text: `outside of any test: ${String(error)}` })
  }
  if (isSecond) tell({ kind: 'end' })
  mkdirSync('/var/lib/podwright-tests', { recursive: true })
  writeFileSync(marker, '')
  execFileSync('systemctl', [isSecond ? 'poweroff' : 'reboot', '--no-block'])
}

await main()
