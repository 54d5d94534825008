import { makeFifo } from '@podwright/linux'
import {
  closeSync,
  constants,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { readLog, type ReadLogOptions, reopenLog, type RotatedLog, rotateLog } from '../../src/index.ts'
import { makeTemporary } from '../support/temporary.ts'

/** What conmon does with its log: writes whole lines, and begins a new file when a word says so. */
class LogWriter implements Disposable {
  readonly path: string
  readonly controlFifo: string
  readonly written: string[] = []
  readonly #fifo: number
  readonly #dummy: number
  #log: number

  constructor(directory: string) {
    this.path = join(directory, 'ctr.log')
    this.controlFifo = join(directory, 'ctl')
    makeFifo(this.controlFifo)
    this.#fifo = openSync(this.controlFifo, constants.O_RDONLY | constants.O_NONBLOCK)
    this.#dummy = openSync(this.controlFifo, 'w')
    this.#log = openSync(this.path, 'a')
  }

  write(tag = 'F'): void {
    const text = `line ${this.written.length}`
    writeSync(this.#log, `2026-01-01T00:00:00.000000000+00:00 stdout ${tag} ${text}\n`)
    this.written.push(tag === 'F' ? `${text}\n` : text)
  }

  /** As ctr_logging.c does, one word at a time. */
  listen(): void {
    const word = Buffer.alloc(6)
    try {
      if (readSync(this.#fifo, word) === 0) return
    } catch {
      return
    }
    closeSync(this.#log)
    this.#log = openSync(`${this.path}.tmp`, constants.O_WRONLY | constants.O_TRUNC | constants.O_CREAT, 0o600)
    renameSync(`${this.path}.tmp`, this.path)
  }

  [Symbol.dispose](): void {
    for (const fd of [this.#fifo, this.#dummy, this.#log]) closeSync(fd)
  }
}

let writer: LogWriter
const open = (): LogWriter => {
  writer = new LogWriter(makeTemporary())
  return writer
}
afterEach(() => writer[Symbol.dispose]())

const rotation = (more: Partial<RotatedLog> = {}): RotatedLog => ({
  path: writer.path,
  controlFifo: writer.controlFifo,
  maximumBytes: 100,
  maximumFiles: 1000,
  ...more,
})

async function read(options: ReadLogOptions = {}): Promise<string[]> {
  const found: string[] = []
  for await (const { data } of readLog(writer.path, options)) found.push(Buffer.from(data).toString())
  return found
}

/** What a rotation is left as when whoever made it is killed before, or after, a step. */
function beginAndDie(steps: number): void {
  const { path } = writer
  if (existsSync(`${path}.tmp`) || statSync(path).size === 0) return
  const numbers = readdirSync(join(path, '..')).flatMap((name) => /^ctr\.log\.(\d+)$/.exec(name)?.[1] ?? [])
  let last = Math.max(0, ...numbers.map(Number))
  if (steps > 0 && !numbers.some((number) => statSync(`${path}.${number}`).ino === statSync(path).ino)) linkSync(path, `${path}.${++last}`)
  if (steps > 1) writeFileSync(`${path}.${last + 1}`, '', { flag: 'wx' })
  if (steps > 2) linkSync(`${path}.${last + 1}`, `${path}.tmp`)
  if (steps > 3) reopenLog(writer.controlFifo)
}

const later = (): number => Date.now() + 10_000
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('write' as const), tag: fc.constantFrom('F', 'F', 'P') }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom('look' as const, 'look later' as const, 'listen' as const, 'again' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('die' as const), steps: fc.integer({ min: 0, max: 4 }) }) },
)

test('no line is lost, none comes twice, and all are in order, whatever is killed when', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 120 }), fc.integer({ min: 0, max: 60 }), async (operations, tail) => {
      open()
      for (const step of operations) {
        if (step.type === 'write') writer.write(step.tag)
        else if (step.type === 'look') rotateLog(rotation(), Date.now())
        else if (step.type === 'look later') rotateLog(rotation(), later())
        else if (step.type === 'listen') writer.listen()
        else if (step.type === 'die') beginAndDie(step.steps)
        // A word that somebody who was killed has said, too.
        else if (existsSync(`${writer.path}.tmp`)) reopenLog(writer.controlFifo)
      }
      const { written } = writer
      expect(await read()).toEqual(written)
      const ends = written.map((text, index) => text.endsWith('\n') || index === written.length - 1)
      let first = written.length
      for (let wanted = tail + 1; first > 0; first--) if (ends[first - 1] && --wanted === 0) break
      expect(await read({ tail })).toEqual(written.slice(first))
      writer[Symbol.dispose]()
      open()
    }),
    { numRuns: Number(process.env['PODWRIGHT_FUZZ_CASES'] ?? 150) },
  )
}, 120_000)

test('a rotation: asked for once, and the oldest files go', async () => {
  open()
  const look = (time = Date.now()): string => rotateLog(rotation({ maximumFiles: 3 }), time)
  for (let round = 0; round < 5; round++) {
    writer.write()
    expect(look()).toBe('small')
    writer.write()
    expect(look()).toBe('asked')
    expect(look()).toBe('waiting')
    // A word is on its way: however late it is, none is said again.
    expect(look(later())).toBe('waiting')
    writer.listen()
    expect(look()).toBe('small')
  }
  expect(await read()).toEqual(writer.written.slice(-4))
  writer.write()
  expect(await read()).toEqual(writer.written.slice(-5))
  expect(readdirSync(join(writer.path, '..')).filter((name) => name.startsWith('ctr.log'))).toHaveLength(4)
})

test('one file: what is rotated is gone', async () => {
  open()
  for (const _ of [1, 2]) writer.write()
  rotateLog(rotation({ maximumFiles: 1 }), Date.now())
  writer.listen()
  rotateLog(rotation({ maximumFiles: 1 }), Date.now())
  writer.write()
  expect(await read()).toEqual(writer.written.slice(2))
})

test('a rotation that was prepared and never said is said later, and without a monitor none is left', () => {
  open()
  for (const _ of [1, 2]) writer.write()
  beginAndDie(3)
  expect(rotateLog(rotation(), Date.now())).toBe('waiting')
  expect(rotateLog(rotation(), later())).toBe('asked')
  writer.listen()
  for (const _ of [1, 2]) writer.write()
  rmSync(writer.controlFifo)
  expect(rotateLog(rotation(), Date.now())).toBe('ended')
  expect(existsSync(`${writer.path}.tmp`)).toBe(false)
})

test('a log that is not there is left alone', () => {
  open()
  rmSync(writer.path)
  expect(rotateLog(rotation(), Date.now())).toBe('small')
})

test('follows over any number of rotations between two looks', async () => {
  open()
  let ended = false
  const following = read({ follow: true, ended: () => ended, pollMs: 5 })
  for (let index = 0; index < 300; index++) {
    writer.write()
    if (index % 3 === 0) rotateLog(rotation(), Date.now())
    if (index % 4 === 0) writer.listen()
    if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 15))
  }
  ended = true
  expect(await following).toEqual(writer.written)
})

test('files that were written before `since` are not read', async () => {
  open()
  for (const _ of [1, 2]) writer.write()
  rotateLog(rotation(), Date.now())
  writer.listen()
  writer.write()
  utimesSync(`${writer.path}.1`, 1, 1)
  // The times in the lines say nothing here: both are after it.
  expect(await read({ since: new Date(2_000) })).toEqual(writer.written.slice(2))
})
