/** A client that calls one method of the engine's containers with a reference, to be killed meanwhile: ROOT RUNROOT METHOD REFERENCE [OPTIONS]. */
import { openEngine } from '../../src/index.ts'

const [root, runRoot, method = '', reference = '', options = '{}'] = process.argv.slice(2)
await using engine = await openEngine({ root, runRoot })
process.stdout.write('begins\n')
await (engine.containers as unknown as Record<string, (reference: string, options: unknown) => Promise<unknown>>)[method]?.(
  reference,
  JSON.parse(options),
)
