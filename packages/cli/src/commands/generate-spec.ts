import { type Command, defineCommand } from '../command-line/command.ts'
import { specOf } from '../containers/describe/spec-of.ts'
import { writeNewFile } from '../containers/files.ts'
import { renderJson } from '../render/json.ts'

/** `podwright generate spec` */
export const generateSpec: Command = defineCommand({
  name: 'generate spec',
  usage: '[options] CONTAINER',
  summary: "Print a container's OCI runtime config",
  description: 'That which it was started with last; describe --as spec prints the same. An OCI runtime takes it for config.json.',
  flags: {
    compact: { kind: 'boolean', short: 'c', description: 'On one line' },
    filename: { kind: 'text', short: 'f', value: 'FILE', description: 'Write it to a new file, and print the name of that' },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['generate spec web', 'generate spec -f config.json web'],
  async run(context, { flags: { compact, filename }, args: [reference = ''] }) {
    const engine = await context.engine()
    const spec = specOf(await engine.containers.inspect(reference))
    const text = compact === true ? `${JSON.stringify(spec)}\n` : renderJson(spec)
    if (filename !== undefined) await writeNewFile('--filename', filename, text)
    context.stdout.write(filename === undefined ? text : `${filename}\n`)
    return 0
  },
})
