/** `npm run check`: what a developer runs before a commit. Every check runs, also after one that failed; a summary closes it. */
import { runStep, type Step, type StepResult } from '../steps/run-step.ts'
import { workspaceRoot } from '../workspace/workspace.ts'

const nx = (target: string): Step['command'] => ['nx', 'run-many', '-t', target, '--output-style=static']
const own = (file: string, ...args: string[]): Step['command'] => ['node', '-C', '@podwright/source', `tools/${file}`, ...args]

const steps: readonly Step[] = [
  { title: 'format', command: ['oxfmt', '--check', '.'] },
  { title: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '.'] },
  { title: 'types', command: nx('typecheck') },
  { title: 'boundaries', command: own('check-boundaries.ts') },
  { title: 'unit tests', command: own('commands/test.ts', '--only', 'unit') },
  { title: 'tools and documents', command: own('commands/test.ts', '--only', 'tools') },
  { title: 'packs', command: nx('pack') },
]

async function main(wanted: readonly string[]): Promise<void> {
  const chosen = wanted.length === 0 ? steps : steps.filter((step) => wanted.includes(step.title.split(' ')[0]!))
  const results: StepResult[] = []
  for (const [index, step] of chosen.entries()) {
    process.stdout.write(`[${index + 1}/${chosen.length}] ${step.title} … `)
    const result = await runStep(step, workspaceRoot)
    results.push(result)
    process.stdout.write(`${result.ok ? 'ok' : 'FAILED'} (${result.seconds.toFixed(1)} s)\n`)
    if (!result.ok) process.stdout.write(`${result.output.trimEnd().replaceAll(/^/gm, '    ')}\n`)
  }
  const failed = results.filter((result) => !result.ok)
  if (failed.length > 0) {
    console.log(`\nFailed: ${failed.map((result) => result.title).join(', ')}`)
    process.exitCode = 1
    return
  }
  console.log(`\nAll ${results.length} checks passed.`)
}

await main(process.argv.slice(2))
