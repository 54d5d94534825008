/**
 * `npm test`: every suite of the workspace; the last line is the sum over all of them.
 *
 *     npm test                              everything
 *     npm test -- --only unit,tools         some of: unit, tools, e2e
 *     npm test -- --only e2e -t 'exit code' what else is given goes to vitest
 */
import { join } from 'node:path'
import { reportResults } from '../suites/report.ts'
import type { SuiteResults } from '../suites/results.ts'
import { runSuite, type Suite } from '../suites/run-suite.ts'
import { readWorkspace, workspaceRoot } from '../workspace/workspace.ts'

const kinds = ['unit', 'tools', 'e2e'] as const
type Kind = (typeof kinds)[number]

function suitesOf(kind: Kind): Suite[] {
  if (kind === 'tools') return [{ name: 'tools and documents', directory: join(workspaceRoot, 'tools') }]
  // On two idle cores it takes nine minutes; on slow or busy ones, it shall end all the same.
  if (kind === 'e2e') return [{ name: 'e2e', directory: join(workspaceRoot, 'e2e'), reporter: 'verbose', longestMinutes: 30 }]
  const rooms = readWorkspace().packages.filter(({ directory }) => directory.startsWith('packages/'))
  return rooms.map(({ name, directory }) => ({ name, directory: join(workspaceRoot, directory) }))
}

function kindsOf(only: string | undefined): Kind[] {
  const wanted = only?.split(',') ?? kinds
  const unknown = wanted.filter((kind) => !kinds.includes(kind as Kind))
  if (unknown.length > 0) throw new Error(`--only takes ${kinds.join(', ')}, not ${unknown.join(', ')}`)
  return kinds.filter((kind) => wanted.includes(kind))
}

/** Splits what is ours from what is vitest's. */
function readArguments(args: readonly string[]): { readonly only: string | undefined; readonly vitestArgs: readonly string[] } {
  const at = args.findIndex((argument) => argument === '--only' || argument.startsWith('--only='))
  if (at < 0) return { only: undefined, vitestArgs: args }
  const inline = args[at]!.startsWith('--only=')
  return { only: inline ? args[at]!.slice('--only='.length) : args[at + 1], vitestArgs: args.toSpliced(at, inline ? 1 : 2) }
}

async function main(args: readonly string[]): Promise<void> {
  const { only, vitestArgs } = readArguments(args)
  const suites = kindsOf(only).flatMap(suitesOf)

  const results: SuiteResults[] = []
  for (const [index, suite] of suites.entries()) {
    console.log(`\n[${index + 1}/${suites.length}] ${suite.name}`)
    results.push(await runSuite(suite, vitestArgs))
  }
  reportResults(results)
}

await main(process.argv.slice(2))
