/**
 * The program that looks after containers with a restart policy: `keeper --root DIR --runroot DIR`. Whoever starts such a container starts
 * it where there is none, and it ends with the last of them. Nobody reads what it says.
 *
 * @packageDocumentation
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '@podwright/conventions'
import { isRootless } from '@podwright/userns'
import { assembleParts } from './assemble-parts.ts'
import { createEvidence } from './containers/evidence.ts'
import { leaveSession } from './containers/leave-session.ts'
import { ownEntries } from './entries.ts'
import { keep } from './keeper/keep.ts'
import { enginePaths, makeEngineDirectories } from './paths.ts'

// A rejection ends the process with 1, as a throw does: the program is bundled as CommonJS, which cannot wait at its top.
void main()

async function main(): Promise<never> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { root: text, runroot: text, worker: text, cleanup: text } })
  if (values.root === undefined || values.runroot === undefined)
    throw new Error('usage: keeper --root DIR --runroot DIR [--worker FILE] [--cleanup FILE]')
  // What was reset meanwhile is not to be made again.
  if (!existsSync(join(values.root, 'engine.db'))) process.exit(0)
  // Whoever logs out, or closes the terminal, means something else.
  process.on('SIGHUP', () => undefined)
  const options = { root: values.root, runRoot: values.runroot }
  const rootless = isRootless()
  const own = ownEntries()
  const paths = enginePaths(options, rootless)
  makeEngineDirectories(paths)
  const base = {
    paths,
    rootless,
    inside: false,
    leavesSession: true,
    entries: { ...own, worker: values.worker ?? own.worker, cleanup: values.cleanup ?? own.cleanup },
    environment: process.env,
    clock: systemClock,
    evidence: createEvidence(paths),
  }
  const { parts } = assembleParts(options, base)
  // A command that only looks, and so has stayed in its session, may have started us.
  await leaveSession(parts)
  await keep({
    parts,
    withParts: async (run) => {
      const task = assembleParts(options, base)
      try {
        await run(task.parts)
      } finally {
        await task.close()
      }
    },
    onError: (error) => process.stderr.write(`${String(error)}\n`),
  })
  return process.exit(0)
}
