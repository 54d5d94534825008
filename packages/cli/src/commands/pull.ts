import type { PullOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { CommandContext } from '../context.ts'
import { forEachReference } from '../containers/each.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { registryFlags, registryOptions, retryFlags } from '../images/registry-flags.ts'

/** `podwright pull` */
export const pull: Command = defineCommand({
  name: 'pull',
  usage: '[options] IMAGE [IMAGE...]',
  summary: 'Fetch images from a registry',
  description:
    "Shows on stderr how it goes and prints each image's id. A pull that was broken off goes on where it was. A name with a transport is read from there: oci:DIRECTORY:NAME, oci-archive:FILE, docker-archive:FILE, dir:DIRECTORY.",
  flags: {
    ...registryFlags,
    ...retryFlags,
    'all-tags': { kind: 'boolean', short: 'a', description: 'Fetch every tag of the repository' },
    policy: {
      kind: 'text',
      description: 'When to fetch: always, missing, newer or never',
      defaultText: 'always',
      choices: ['always', 'missing', 'newer', 'never'],
    },
    quiet: { kind: 'boolean', short: 'q', description: 'Print nothing but the id' },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: [
    'pull debian:12',
    'pull --tls-verify=false 127.0.0.1:5000/debian:1',
    'pull --platform linux/arm64 debian',
    'pull oci-archive:app.tar',
  ],
  async run(context, { flags, args }) {
    const options = { ...(await registryOptions(flags)), ...(flags.policy !== undefined && { policy: flags.policy as 'always' }) }
    const fetchOne = flags['all-tags'] === true ? pullAll : pullOne
    let status = 0
    // One after the other: each pull uses the line fully, and shows how it goes.
    for (const reference of args) {
      status = Math.max(
        status,
        await forEachReference(context, [reference], () => fetchOne(context, { reference, options, quiet: flags.quiet === true })),
      )
      if (context.signals.signal.aborted) break
    }
    return status
  },
})

/** What is fetched, and how. */
interface Pull {
  readonly reference: string
  readonly options: PullOptions
  readonly quiet: boolean
}

async function pullOne(context: CommandContext, { reference, options, quiet }: Pull): Promise<string> {
  const engine = await context.engine()
  using report = openTransferReport(context, quiet)
  const { image } = await engine.images.pull(reference, { ...options, signal: context.signals.signal, onProgress: report.onProgress })
  return bareId(image.id)
}

async function pullAll(context: CommandContext, { reference, options, quiet }: Pull): Promise<string> {
  const engine = await context.engine()
  using report = openTransferReport(context, quiet)
  const ids: string[] = []
  const pulled = engine.images.pullAll(reference, { ...options, signal: context.signals.signal, onProgress: report.onProgress })
  for await (const { image } of pulled) ids.push(bareId(image.id))
  return ids.join('\n')
}

function bareId(id: string): string {
  return id.slice(id.indexOf(':') + 1)
}
