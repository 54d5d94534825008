import type { PullProgress, TransferProgress } from '@podwright/contracts'
import type { Descriptor } from '@podwright/oci'
import { expect, test } from 'vitest'
import { openTransferBars } from '../../src/images/transfer-bars.ts'
import { openTransferLines } from '../../src/images/transfer-lines.ts'
import { pullWords, pushWords } from '../../src/images/transfer-words.ts'
import { collector } from '../fixtures/program.ts'

const layer = (letter: string, size = 50_000_000): Descriptor => ({
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: `sha256:${letter.repeat(64)}`,
  size,
})
const config: Descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'c'.repeat(64)}`, size: 1500 }
const a = layer('a')
const b = layer('b', 2_000_000)
const reference = 'docker.io/library/debian:12'

const events: readonly PullProgress[] = [
  { type: 'pull:resolve', reference },
  { type: 'pull:resolved', reference, digest: `sha256:${'e'.repeat(64)}`, layers: 2, sizeBytes: 52_001_500 },
  { type: 'blob:start', descriptor: config, offsetBytes: 0 },
  { type: 'blob:complete', descriptor: config },
  { type: 'blob:start', descriptor: a, offsetBytes: 10_000_000 },
  { type: 'blob:exists', descriptor: b },
  { type: 'blob:progress', descriptor: a, completeBytes: 25_000_000 },
  { type: 'blob:retry', descriptor: a, attempt: 2, reason: 'connection reset' },
  { type: 'blob:start', descriptor: a, offsetBytes: 25_000_000 },
  { type: 'blob:complete', descriptor: a },
  { type: 'layer:unpack', descriptor: a, completeBytes: 100 },
  { type: 'layer:complete', descriptor: a },
]

test('a line for each thing done', () => {
  const { output, text } = collector()
  const report = openTransferLines({ stderr: output }, pullWords)
  for (const event of events) report.onProgress(event)
  expect(text()).toMatchInlineSnapshot(`
    "Resolving docker.io/library/debian:12
    Pulling docker.io/library/debian:12 (eeeeeeeeeeee, 2 layers, 52MB)
    Fetched config cccccccccccc (1.5kB)
    Resuming layer aaaaaaaaaaaa at 10MB
    Have layer bbbbbbbbbbbb already
    Retrying layer aaaaaaaaaaaa, attempt 2: connection reset
    Resuming layer aaaaaaaaaaaa at 25MB
    Fetched layer aaaaaaaaaaaa (50MB)
    Unpacked layer aaaaaaaaaaaa
    "
  `)
})

// oxlint-disable-next-line no-control-regex -- the escape is what is looked for
const upPattern = /^\u001b\[(\d+)A/

/** A terminal that keeps only what a redraw leaves on the screen. */
function screen(writes: readonly string[]): readonly string[] {
  const lines: string[] = []
  let row = 0
  for (const write of writes) {
    const up = upPattern.exec(write)
    row -= Number(up?.[1] ?? 0)
    const rest = write.slice(up?.[0].length ?? 0).replace('\u001b[J', '')
    const drawn = rest.split('\n').slice(0, -1)
    for (const line of drawn) lines[row++] = line.replace('\u001b[K', '')
    lines.length = row
  }
  return lines
}

test('bars are redrawn in place, at most ten times a second; what is done stays above', () => {
  const { output, writes } = collector({ terminal: true, columns: 60 })
  let now = 0
  const report = openTransferBars({ stderr: output, clock: { now: () => now, sleep: () => Promise.resolve() } }, pullWords)
  for (const event of events.slice(0, 7)) {
    report.onProgress(event)
    now += 100
  }
  expect(screen(writes)).toEqual([
    `Resolving ${reference}`,
    `Pulling ${reference} (eeeeeeeeeeee, 2 layers, 52MB)`,
    'config cccccccccccc  1.5kB',
    'layer bbbbbbbbbbbb  already here',
    'layer aaaaaaaaaaaa  [============            ]  25MB / 50MB',
  ])
  expect(writes).toHaveLength(7)
  for (const event of events.slice(7)) report.onProgress(event)
  expect(writes).toHaveLength(8)
  expect(screen(writes).at(-1)).toBe('layer aaaaaaaaaaaa  attempt 2: connection reset')
  report[Symbol.dispose]()
  expect(screen(writes).slice(-2)).toEqual(['layer bbbbbbbbbbbb  already here', 'layer aaaaaaaaaaaa  50MB, unpacked'])
})

test('a narrow or low terminal is not overrun', () => {
  const { output, writes } = collector({ terminal: true, columns: 30 })
  const report = openTransferBars({ stderr: { ...output, rows: 6 }, clock: { now: () => 0, sleep: () => Promise.resolve() } }, pullWords)
  for (const letter of '0123456789') report.onProgress({ type: 'blob:start', descriptor: layer(letter), offsetBytes: 0 })
  report[Symbol.dispose]()
  const shown = screen(writes)
  expect(shown).toHaveLength(5)
  expect(shown.at(-1)).toBe('… and 6 more')
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(29)
})

const pushed: readonly TransferProgress[] = [
  {
    type: 'transfer:resolved',
    source: 'storage:docker.io/library/debian:12',
    destination: 'docker://example.org/debian:12',
    digest: `sha256:${'e'.repeat(64)}`,
    layers: 1,
    sizeBytes: 50_001_500,
  },
  { type: 'layer:repack', descriptor: b, completeBytes: 1_000_000 },
  { type: 'layer:repacked', descriptor: b },
  { type: 'blob:exists', descriptor: config },
  { type: 'blob:progress', descriptor: a, completeBytes: 25_000_000 },
  { type: 'blob:complete', descriptor: a },
]

test('of what is sent: lines', () => {
  const { output, text } = collector()
  const report = openTransferLines({ stderr: output }, pushWords)
  for (const event of pushed) report.onProgress(event)
  expect(text()).toMatchInlineSnapshot(`
    "Pushing example.org/debian:12 (eeeeeeeeeeee, 1 layer, 50MB)
    Compressed layer bbbbbbbbbbbb
    The config cccccccccccc is there already
    Sent layer aaaaaaaaaaaa (50MB)
    "
  `)
})

test('of what is sent: bars', () => {
  const { output, writes } = collector({ terminal: true, columns: 60 })
  let now = 0
  const report = openTransferBars({ stderr: output, clock: { now: () => now, sleep: () => Promise.resolve() } }, pushWords)
  const shown = pushed.map((event) => {
    report.onProgress(event)
    now += 100
    return screen(writes).at(-1)
  })
  report[Symbol.dispose]()
  expect(shown).toMatchInlineSnapshot(`
    [
      "Pushing example.org/debian:12 (eeeeeeeeeeee, 1 layer, 50MB)",
      "layer bbbbbbbbbbbb  [========       ]  1MB / 2MB compressed",
      "layer bbbbbbbbbbbb  compressed",
      "config cccccccccccc  already there",
      "layer aaaaaaaaaaaa  [============            ]  25MB / 50MB",
      "layer aaaaaaaaaaaa  50MB",
    ]
  `)
})
