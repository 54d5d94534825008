import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { exitCodes } from '../exit-codes.ts'
import { accessFlags } from '../images/registry-flags.ts'
import { insecureFlag, listAccessOptions } from '../manifests/insecure-flag.ts'
import { renderJson } from '../render/json.ts'

/** `podwright manifest inspect` */
export const manifestInspect: Command = defineCommand({
  name: 'manifest inspect',
  usage: '[options] LIST',
  summary: 'Show a manifest list, or the manifest that a registry has',
  description: 'A list here is shown, else what the registry has under the name.',
  flags: { ...accessFlags, ...insecureFlag },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['manifest inspect app:1', 'manifest inspect docker://debian:12'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const bytes = await engine.manifests.inspect(args[0] ?? '', { ...listAccessOptions(flags), signal: context.signals.signal })
    context.stdout.write(renderJson(JSON.parse(new TextDecoder().decode(bytes))))
    return 0
  },
})

/** `podwright manifest exists` */
export const manifestExists: Command = defineCommand({
  name: 'manifest exists',
  usage: 'LIST',
  summary: 'Tell by the exit status whether a manifest list is here',
  description: '0: it is; 1: it is not.',
  flags: {},
  arguments: { minimum: 1, maximum: 1 },
  examples: ['manifest exists app:1'],
  async run(context, { args }) {
    const engine = await context.engine()
    return (await engine.manifests.exists(args[0] ?? '')) ? exitCodes.success : exitCodes.negative
  },
})

/** `podwright manifest rm` */
export const manifestRm: Command = defineCommand({
  name: 'manifest rm',
  usage: '[options] LIST [LIST...]',
  summary: 'Remove manifest lists, and keep their images',
  flags: {
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    ignore: { kind: 'boolean', short: 'i', description: 'A list that is not there is no error' },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['manifest rm app:1'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { signal } = context.signals
    return forEachReference(context, args, async (name) => {
      if (flags.ignore === true && !(await engine.manifests.exists(name))) return undefined
      const digest = await engine.manifests.remove(name, { signal, dryRun: flags['dry-run'] })
      return flags['dry-run'] === true ? `Would delete: ${digest}` : digest
    })
  },
})

/** `podwright manifest remove` */
export const manifestRemove: Command = defineCommand({
  name: 'manifest remove',
  usage: '[options] LIST IMAGE',
  summary: 'Take an image out of a manifest list',
  description: "The image is named by its digest, or as it is known here. Prints the list's new digest.",
  flags: {
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
  },
  arguments: { minimum: 2, maximum: 2 },
  examples: ['manifest remove app:1 sha256:0123…'],
  async run(context, { flags, args }) {
    const [name = '', member = ''] = args
    const engine = await context.engine()
    const dryRun = flags['dry-run'] === true
    const list = await engine.manifests.removeMember(name, member, { signal: context.signals.signal, ...(dryRun && { dryRun }) })
    context.stdout.write(dryRun ? `Would remove ${member} from ${list.names.join(', ')}\n` : `${list.descriptor.digest}\n`)
    return 0
  },
})
