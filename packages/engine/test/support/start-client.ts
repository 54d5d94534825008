/** A client that starts a container, to be killed meanwhile: ROOT RUNROOT ID. */
import { openEngine } from '../../src/index.ts'

const [root, runRoot, id = ''] = process.argv.slice(2)
await using engine = await openEngine({ root, runRoot })
process.stdout.write('begins\n')
await engine.containers.start(id)
