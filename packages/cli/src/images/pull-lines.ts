import type { PullProgress } from '@podwright/contracts'
import type { CommandContext } from '../context.ts'
import { printable } from '../render/printable.ts'
import { humanSize } from '../render/size.ts'
import { blobName, shortDigest } from './pull-names.ts'
import type { PullReport } from './pull-report.ts'

/** One line for each thing that is done, for logs and scripts. */
export function openPullLines({ stderr }: Pick<CommandContext, 'stderr'>): PullReport {
  return {
    onProgress(event) {
      const line = lineOf(event)
      if (line !== undefined) stderr.write(`${printable(line)}\n`)
    },
    [Symbol.dispose]: () => undefined,
  }
}

function lineOf(event: PullProgress): string | undefined {
  switch (event.type) {
    case 'pull:resolve':
      return `Resolving ${event.reference}`
    case 'pull:resolved':
      return `Pulling ${event.reference} (${shortDigest(event.digest)}, ${layers(event.layers)}, ${humanSize(event.sizeBytes)})`
    case 'blob:start':
      return event.offsetBytes > 0 ? `Resuming ${blobName(event.descriptor)} at ${humanSize(event.offsetBytes)}` : undefined
    case 'blob:exists':
      return `Have ${blobName(event.descriptor)} already`
    case 'blob:complete':
      return `Fetched ${blobName(event.descriptor)} (${humanSize(event.descriptor.size)})`
    case 'blob:retry':
      return `Retrying ${blobName(event.descriptor)}, attempt ${event.attempt}: ${event.reason}`
    case 'layer:complete':
      return `Unpacked ${blobName(event.descriptor)}`
    case 'blob:progress':
    case 'layer:unpack':
      return undefined
  }
}

function layers(count: number): string {
  return count === 1 ? '1 layer' : `${count} layers`
}
