import type { LogEntry, LogOptions } from '@podwright/contracts'
import { type Clock, systemClock } from '@podwright/conventions'
import { findTool, spawnProcess } from '@podwright/linux'
import { RuntimeError } from '../errors.ts'
import { type JournalEntry, parseJournalLine } from './journal-line.ts'

/** Options of `readJournal`. */
export interface ReadJournalOptions extends LogOptions {
  /** With `follow`: whether nothing more will be written. @default never */
  readonly ended?: (() => boolean | Promise<boolean>) | undefined
  /** How often to look at `ended`. @default 250 */
  readonly pollMs?: number | undefined
  readonly clock?: Clock | undefined
  /** Path of journalctl(1). @default that of PATH */
  readonly program?: string | undefined
}

/**
 * Reads what conmon has written to the journal for a container, oldest line first, by journalctl(1). With `follow`, all that was written before the end
 * comes out, however far behind the end the reading is.
 *
 * @throws `ERR_LOG_READ`
 */
export async function* readJournal(id: string, options: ReadJournalOptions = {}): AsyncIterable<LogEntry> {
  options.signal?.throwIfAborted()
  const program = options.program ?? findTool('journalctl')
  if (program === undefined) {
    throw new RuntimeError('ERR_LOG_READ', `cannot read the journal: there is no journalctl on this host`, {
      hint: 'It comes with systemd.',
      details: { id },
    })
  }
  if (options.follow !== true) return yield* entriesOf(program, id, options)

  let last: string | undefined
  for await (const entry of entriesOf(program, id, options)) {
    last = entry.cursor ?? last
    yield entry
  }
  // The one that follows never ends by itself, and was ended wherever it was. One that does not follow ends where the journal does.
  await settle(program, options)
  const rest = { ...options, follow: false, ...(last === undefined ? {} : { tail: undefined, after: last }) }
  yield* entriesOf(program, id, rest)
}

interface ReadOptions extends ReadJournalOptions {
  /** A cursor: what comes after it. */
  readonly after?: string | undefined
}

/** One journalctl; with `follow`, until nothing more will be written. */
async function* entriesOf(program: string, id: string, options: ReadOptions): AsyncIterable<JournalEntry> {
  const { signal, follow = false } = options
  signal?.throwIfAborted()
  const child = spawnProcess(program, journalArguments(id, options), { descriptors: ['null', 'writes', 'writes'] })
  let isDone = false
  const end = (): void => child.kill('SIGTERM')
  signal?.addEventListener('abort', end, { once: true })
  const watching = follow ? endWith(options, end, () => isDone) : undefined
  const complaint = text(child.pipes[2]!)
  try {
    yield* parsed(child.pipes[1]!)
    signal?.throwIfAborted()
    const { exitCode, signal: killed } = await child.exited()
    if (exitCode !== 0 && killed === undefined) throw unreadable(id, (await complaint).trim())
  } finally {
    isDone = true
    signal?.removeEventListener('abort', end)
    end()
    child.release()
    await watching
  }
}

/** Waits until journald has written what it was given; where it does not say so (it may be asked by root alone), for a while. */
async function settle(program: string, { clock = systemClock }: ReadJournalOptions): Promise<void> {
  const child = spawnProcess(program, ['--sync'], { descriptors: ['null', 'null', 'null'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), syncMs)
  try {
    const { exitCode } = await child.exited()
    if (exitCode !== 0) await clock.sleep(graceMs)
  } finally {
    clearTimeout(timer)
    child.release()
  }
}

/** journalctl's words. Times are seconds since the epoch; `after` is a cursor. */
export function journalArguments(
  id: string,
  { follow, tail, since, until, after }: LogOptions & { readonly after?: string | undefined },
): readonly string[] {
  const moment = (time: Date): string => `@${(time.getTime() / 1000).toFixed(3)}`
  return [
    '--quiet',
    '--no-pager',
    '--all',
    '--output=json',
    ...(tail === undefined ? (follow === true ? ['--no-tail'] : []) : [`--lines=${tail}`]),
    ...(follow === true ? ['--follow'] : []),
    ...(since === undefined ? [] : [`--since=${moment(since)}`]),
    ...(until === undefined ? [] : [`--until=${moment(until)}`]),
    ...(after === undefined ? [] : [`--after-cursor=${after}`]),
    `CONTAINER_ID_FULL=${id}`,
  ]
}

interface Pipe {
  read(): Promise<Uint8Array | undefined>
}

async function* parsed(pipe: Pipe): AsyncIterable<JournalEntry> {
  const decoder = new TextDecoder()
  let held = ''
  for (let chunk = await pipe.read(); chunk !== undefined; chunk = await pipe.read()) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split('\n')
    held = lines.pop() ?? ''
    for (const entry of lines.map(parseJournalLine)) if (entry !== undefined) yield entry
  }
}

/** What journald has to write what it was given, where it can't be asked. */
const graceMs = 500
/** What it has to answer. */
const syncMs = 10_000

async function endWith(
  { ended, until, pollMs = 250, clock = systemClock }: ReadJournalOptions,
  end: () => void,
  isDone: () => boolean,
): Promise<void> {
  const isOver = async (): Promise<boolean> => ((await ended?.()) ?? false) || (until !== undefined && clock.now() > until.getTime())
  while (!isDone() && !(await isOver())) await clock.sleep(pollMs)
  if (!isDone()) end()
}

async function text(pipe: Pipe): Promise<string> {
  let all = ''
  for (let chunk = await pipe.read(); chunk !== undefined; chunk = await pipe.read()) {
    if (all.length < 4_000) all += Buffer.from(chunk).toString()
  }
  return all
}

function unreadable(id: string, reason: string): RuntimeError {
  return new RuntimeError('ERR_LOG_READ', `cannot read the journal: ${reason === '' ? 'journalctl failed' : reason}`, { details: { id } })
}
