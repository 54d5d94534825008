import type { BlobProgress } from '@podwright/contracts'
import type { Descriptor } from '@podwright/oci'
import type { CommandContext, Output } from '../context.ts'
import { printable } from '../render/printable.ts'
import { humanSize } from '../render/size.ts'
import { blobName, isLayer } from './blob-names.ts'
import type { ShownProgress, TransferReport } from './transfer-report.ts'
import type { TransferWords } from './transfer-words.ts'

/** At most ten redraws a second. */
const redrawPauseMs = 100

/** A bar is never wider, in characters. */
const maximumBarWidth = 40
const minimumBarWidth = 8

/** What is known of a blob. */
interface BlobState {
  readonly descriptor: Descriptor
  phase: 'moving' | 'moved' | 'compressing' | 'unpacking' | 'done' | 'retrying'
  completeBytes: number
  note: string
  /** Its last line is on the screen for good. */
  settled: boolean
}

/** A line for each blob, redrawn in place; what is done moves up and stays. */
export function openTransferBars({ stderr, clock }: Pick<CommandContext, 'stderr' | 'clock'>, words: TransferWords): TransferReport {
  const bars = new TransferBars(stderr, words)
  let timer: NodeJS.Timeout | undefined
  let drawnAt = Number.NEGATIVE_INFINITY
  const draw = (): void => {
    timer = undefined
    drawnAt = clock.now()
    bars.draw()
  }
  return {
    onProgress(event) {
      bars.apply(event)
      if (timer !== undefined) return
      const pause = drawnAt + redrawPauseMs - clock.now()
      if (pause <= 0) draw()
      else timer = setTimeout(draw, pause)
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      bars.draw()
    },
  }
}

class TransferBars {
  readonly #output: Output
  readonly #words: TransferWords
  readonly #blobs = new Map<string, BlobState>()
  /** Lines to be written above the bars, once. */
  #notes: string[] = []
  /** How many lines the bars take on the screen now. */
  #drawn = 0

  constructor(output: Output, words: TransferWords) {
    this.#output = output
    this.#words = words
  }

  apply(event: ShownProgress): void {
    if (isAboutBlob(event)) return this.#applyToBlob(event)
    const note = this.#words.note(event)
    if (note !== undefined) this.#notes.push(printable(note))
  }

  draw(): void {
    const width = Math.max(1, this.#output.columns - 1)
    const [above, below] = this.#lines(width)
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : ''
    // What stays may wrap; what is drawn again must not, since its lines are counted.
    const lines = [...above, ...below.map((line) => clip(line, width))]
    if (lines.length === 0 && this.#drawn === 0) return
    // Each line is cleared as it is written, and what was below the last is too, so that nothing flickers.
    this.#output.write(`${up}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`)
    this.#drawn = below.length
  }

  /** What stays, and what will be drawn again. */
  #lines(width: number): readonly [readonly string[], readonly string[]] {
    const above = this.#notes
    this.#notes = []
    const active: string[] = []
    for (const blob of this.#blobs.values()) {
      if (blob.settled) continue
      if (blob.phase === 'done') {
        above.push(`${blobName(blob.descriptor)}  ${blob.note}`)
        blob.settled = true
      } else active.push(renderBar(blob, width))
    }
    const room = Math.max(1, this.#output.rows - 2)
    const hidden = active.length - room
    return [above, hidden > 0 ? [...active.slice(0, room), `… and ${hidden} more`] : active]
  }

  #applyToBlob(event: BlobProgress): void {
    const { descriptor } = event
    const state = this.#blobs.get(descriptor.digest) ?? { descriptor, phase: 'moving', completeBytes: 0, note: '', settled: false }
    this.#blobs.set(descriptor.digest, state)
    // A layer that is unpacked before all of it was checked is done once.
    if (state.phase !== 'done') Object.assign(state, changeOf(event, this.#words))
  }
}

function isAboutBlob(event: ShownProgress): event is BlobProgress {
  return 'descriptor' in event
}

function changeOf(event: BlobProgress, words: TransferWords): Partial<BlobState> {
  const { descriptor } = event
  switch (event.type) {
    case 'blob:start':
      return { phase: 'moving', completeBytes: event.offsetBytes }
    case 'blob:progress':
      return { phase: 'moving', completeBytes: event.completeBytes }
    case 'blob:retry':
      return { phase: 'retrying', note: printable(`attempt ${event.attempt}: ${event.reason}`) }
    case 'blob:exists':
      return { phase: 'done', note: words.present }
    case 'layer:repack':
      return { phase: 'compressing', completeBytes: event.completeBytes }
    case 'layer:repacked':
      return { phase: 'done', note: 'compressed' }
    case 'blob:complete':
      return words.unpacks && isLayer(descriptor) ? { phase: 'moved' } : { phase: 'done', note: humanSize(descriptor.size) }
    case 'layer:unpack':
      return { phase: 'unpacking', completeBytes: event.completeBytes }
    case 'layer:complete':
      return { phase: 'done', note: `${humanSize(descriptor.size)}, unpacked` }
  }
}

function renderBar({ descriptor, phase, completeBytes, note }: BlobState, width: number): string {
  const name = blobName(descriptor)
  if (phase === 'retrying') return `${name}  ${note}`
  if (phase === 'moved') return `${name}  ${humanSize(descriptor.size)}, fetched`
  // Unpacking and compressing are counted in bytes of the blob too.
  const what = phase === 'unpacking' ? ' unpacked' : phase === 'compressing' ? ' compressed' : ''
  const amount = `${humanSize(completeBytes)} / ${humanSize(descriptor.size)}${what}`
  const barWidth = Math.min(maximumBarWidth, width - name.length - amount.length - 6)
  if (barWidth < minimumBarWidth) return `${name}  ${amount}`
  const fraction = descriptor.size > 0 ? Math.min(1, completeBytes / descriptor.size) : 0
  const full = Math.round(fraction * barWidth)
  return `${name}  [${'='.repeat(full)}${' '.repeat(barWidth - full)}]  ${amount}`
}

function clip(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`
}
