import type { PullProgress } from '@podwright/contracts'
import type { CommandContext } from '../context.ts'
import { openPullBars } from './pull-bars.ts'
import { openPullLines } from './pull-lines.ts'

/** Shows how a pull goes, on stderr. Disposing it leaves the last state on the screen. */
export interface PullReport extends Disposable {
  onProgress(event: PullProgress): void
}

/** Bars on a terminal, plain lines elsewhere, nothing when quiet. */
export function openPullReport(context: CommandContext, quiet: boolean): PullReport {
  if (quiet) return { onProgress: () => undefined, [Symbol.dispose]: () => undefined }
  return context.stderr.isTerminal && context.env['TERM'] !== 'dumb' ? openPullBars(context) : openPullLines(context)
}
