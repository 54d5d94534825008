import type { CommandContext } from '../context.ts'
import { printable } from '../render/printable.ts'
import { humanSize } from '../render/size.ts'
import { blobName } from './blob-names.ts'
import type { ShownProgress, TransferReport } from './transfer-report.ts'
import type { TransferWords } from './transfer-words.ts'

/** One line for each thing that is done, for logs and scripts. */
export function openTransferLines({ stderr }: Pick<CommandContext, 'stderr'>, words: TransferWords): TransferReport {
  return {
    onProgress(event) {
      const line = lineOf(event, words)
      if (line !== undefined) stderr.write(`${printable(line)}\n`)
    },
    [Symbol.dispose]: () => undefined,
  }
}

function lineOf(event: ShownProgress, words: TransferWords): string | undefined {
  switch (event.type) {
    case 'blob:start':
      return event.offsetBytes > 0 ? `Resuming ${blobName(event.descriptor)} at ${humanSize(event.offsetBytes)}` : undefined
    case 'blob:exists':
      return words.unpacks ? `Have ${blobName(event.descriptor)} already` : `The ${blobName(event.descriptor)} is there already`
    case 'blob:complete':
      return `${words.done} ${blobName(event.descriptor)} (${humanSize(event.descriptor.size)})`
    case 'blob:retry':
      return `Retrying ${blobName(event.descriptor)}, attempt ${event.attempt}: ${event.reason}`
    case 'layer:repacked':
      return `Compressed ${blobName(event.descriptor)}`
    case 'layer:complete':
      return `Unpacked ${blobName(event.descriptor)}`
    case 'blob:progress':
    case 'layer:unpack':
    case 'layer:repack':
      return undefined
    default:
      return words.note(event)
  }
}
