/** A client that calls one method of the engine's containers with a reference, to be killed meanwhile: ROOT RUNROOT METHOD REFERENCE. */
import { openEngine } from '../../src/index.ts'

const [root, runRoot, method = '', reference = ''] = process.argv.slice(2)
await using engine = await openEngine({ root, runRoot })
process.stdout.write('begins\n')
await (engine.containers as unknown as Record<string, (reference: string) => Promise<unknown>>)[method]?.(reference)
