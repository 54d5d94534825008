import type { PullProgress, TransferProgress } from '@podwright/contracts'
import type { CommandContext } from '../context.ts'
import { pullWords, type TransferWords } from './transfer-words.ts'
import { openTransferBars } from './transfer-bars.ts'
import { openTransferLines } from './transfer-lines.ts'

/** What can happen while an image is on its way. */
export type ShownProgress = PullProgress | TransferProgress

/** Shows how a transfer goes, on stderr. Disposing it leaves the last state on the screen. */
export interface TransferReport extends Disposable {
  onProgress(event: ShownProgress): void
}

/** Bars on a terminal, plain lines elsewhere, nothing when quiet. */
export function openTransferReport(context: CommandContext, quiet: boolean, words: TransferWords = pullWords): TransferReport {
  if (quiet) return { onProgress: () => undefined, [Symbol.dispose]: () => undefined }
  const isTerminal = context.stderr.isTerminal && context.env['TERM'] !== 'dumb'
  return isTerminal ? openTransferBars(context, words) : openTransferLines(context, words)
}
