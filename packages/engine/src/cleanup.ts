/**
 * The program that a monitor runs when its container has ended: `cleanup [--inside] --root DIR --runroot DIR ID`. It only hastens what the
 * next command would do, and nobody reads what it says, so it ends quietly.
 *
 * @packageDocumentation
 */
import { isPodwrightError } from '@podwright/conventions'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEngine } from './open-engine.ts'

// A rejection ends the process with 1, as a throw does: the program is bundled as CommonJS, which cannot wait at its top.
void main()

async function main(): Promise<never> {
  const { values, positionals } = parseArgs({
    options: { inside: { type: 'boolean' }, root: { type: 'string' }, runroot: { type: 'string' } },
    allowPositionals: true,
  })
  const [id] = positionals
  if (id === undefined) throw new Error('usage: cleanup [--inside] --root DIR --runroot DIR ID')
  // What was reset meanwhile is not to be made again.
  if (values.root !== undefined && !existsSync(join(values.root, 'engine.db'))) return process.exit(0)
  const engine = await openEngine({ root: values.root, runRoot: values.runroot, inside: values.inside, processEnds: true })
  try {
    await engine.containers.cleanup(id)
  } catch (error) {
    // Somebody was faster.
    if (!isPodwrightError(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  }
  return process.exit(0)
}
