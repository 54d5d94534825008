/** A client that makes a container and starts it, to be killed meanwhile: ROOT RUNROOT. */
import { openEngine } from '../../src/index.ts'

const [root, runRoot] = process.argv.slice(2)
await using engine = await openEngine({ root, runRoot })
process.stdout.write('begins\n')
const { id } = await engine.containers.create({ image: 'busybox', command: ['sleep', '300'], network: 'none', startsNext: true })
await engine.containers.start(id)
