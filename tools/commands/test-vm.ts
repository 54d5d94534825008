/**
 * `npm run test:vm`: the packed command in a Debian 12 that has systemd as its init and control groups of v2, in a virtual machine, which it also reboots.
 * It needs no KVM, and is slow: some twenty minutes. The first run makes the machine's disk out of Debian's packages. Not part of `npm test`.
 *
 *     npm run test:vm                       everything
 *     npm run test:vm -- --only checkpoint  the tests whose name matches a regular expression
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { reportResults } from '../suites/report.ts'
import { makeCommandDisk } from '../vm/command-disk.ts'
import { collectResults } from '../vm/collect-results.ts'
import { runMachine } from '../vm/machine.ts'
import { makeRootDisk } from '../vm/root-disk.ts'
import { workspaceRoot } from '../workspace/workspace.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, minutes: { type: 'string', default: '45' } } })

/** What it takes long for. */
function step<Result>(title: string, work: () => Result): Result {
  const started = performance.now()
  console.error(`${title} …`)
  const result = work()
  console.error(`${title}: ${Math.round((performance.now() - started) / 1000)} s`)
  return result
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('npm run test:vm makes a root file system, and needs root: sudo npm run test:vm')
  const cache = join(workspaceRoot, '.cache/vm')
  const root = step('The disk with Debian 12', () => makeRootDisk(cache))
  const scratch = mkdtempSync(join(tmpdir(), 'podwright-vm-'))
  try {
    const commandDisk = join(scratch, 'command.ext4')
    step('The disk with the command', () => makeCommandDisk(commandDisk, values.only))
    console.error('Booting …')
    const results = collectResults((line) => console.log(line))
    const options = { root, commandDisk, console: join(cache, 'console.log'), longestMinutes: Number(values.minutes) }
    const fault = await runMachine({ ...options, onLine: results.onLine })
    reportResults([results.end(fault)])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

await main()
