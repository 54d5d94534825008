import { type Command, defineCommand } from '../command-line/command.ts'

/** `podwright tag` */
export const tag: Command = defineCommand({
  name: 'tag',
  usage: 'IMAGE NAME [NAME...]',
  summary: 'Give an image more names',
  description: 'A name without a registry is of localhost, one without a tag gets latest. A name that another image has is taken from it.',
  flags: {},
  arguments: { minimum: 2, maximum: Number.POSITIVE_INFINITY },
  examples: ['tag debian:12 base', 'tag a1b2c3d4e5f6 registry.example.com/app:1 registry.example.com/app:latest'],
  async run(context, { args }) {
    const [reference = '', ...names] = args
    const engine = await context.engine()
    await engine.images.tag(reference, names, { signal: context.signals.signal })
    return 0
  },
})

/** `podwright untag` */
export const untag: Command = defineCommand({
  name: 'untag',
  usage: '[options] IMAGE [NAME...]',
  summary: 'Take names from an image, and keep the image',
  description: 'Without names, all that it has are taken.',
  flags: {
    'dry-run': { kind: 'boolean', description: 'Say which names would go, and leave them' },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['untag debian:12', 'untag --dry-run debian:12', 'untag a1b2c3d4e5f6 registry.example.com/app:1'],
  async run(context, { flags, args }) {
    const [reference = '', ...names] = args
    const engine = await context.engine()
    const dryRun = flags['dry-run'] === true
    const gone = await engine.images.untag(reference, names, { signal: context.signals.signal, ...(dryRun && { dryRun }) })
    if (dryRun) context.stdout.write(gone.map((name) => `Would untag: ${name}\n`).join(''))
    return 0
  },
})
