/**
 * `npm run lock`: refreshes package-lock.json after a manifest was changed.
 *
 * A registry that mirrors only some platforms doesn't know the optional packages of the others, and npm then leaves them out of the lock file,
 * which `npm ci` takes for a fault everywhere. They are written down here, from what their dependents ask for.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LockFile, withOptionalPackages } from '../workspace/lock-file.ts'
import { runStep } from '../steps/run-step.ts'
import { workspaceRoot } from '../workspace/workspace.ts'

const path = join(workspaceRoot, 'package-lock.json')

async function npmLock(): Promise<void> {
  const command: [string, ...string[]] = ['npm', 'install', '--package-lock-only', '--ignore-scripts']
  const result = await runStep({ title: 'lock', command }, workspaceRoot)
  if (!result.ok) throw new Error(`npm can't make the lock file:\n${result.output}`)
}

await npmLock()
const { lock, added } = withOptionalPackages(JSON.parse(readFileSync(path, 'utf8')) as LockFile)
if (added.length > 0) {
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  // Once more, so that entries and fields stand in npm's own order.
  await npmLock()
}
console.log(`package-lock.json is up to date; packages of other platforms added: ${added.length}`)
