import type { LogEntry, LogOptions } from '@podwright/contracts'
import { type Clock, systemClock } from '@podwright/conventions'
import { findTool, spawnProcess } from '@podwright/linux'
import { RuntimeError } from '../errors.ts'
import { parseJournalLine } from './journal-line.ts'

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
 * Reads what conmon has written to the journal for a container, oldest line first, by journalctl(1).
 *
 * @throws `ERR_LOG_READ`
 */
export async function* readJournal(id: string, options: ReadJournalOptions = {}): AsyncIterable<LogEntry> {
  const { signal, follow = false } = options
  signal?.throwIfAborted()
  const program = options.program ?? findTool('journalctl')
  if (program === undefined) {
    throw new RuntimeError('ERR_LOG_READ', `cannot read the journal: there is no journalctl on this host`, {
      hint: 'It comes with systemd.',
      details: { id },
    })
  }
  const child = spawnProcess(program, journalArguments(id, options), { descriptors: ['null', 'writes', 'writes'] })
  let isDone = false
  const end = (): void => child.kill('SIGTERM')
  signal?.addEventListener('abort', end, { once: true })
  const watching = follow ? endWith(options, end, () => isDone) : undefined
  const complaint = text(child.pipes[2]!)
  try {
    yield* entries(child.pipes[1]!)
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

/** journalctl's words. Times are seconds since the epoch. */
export function journalArguments(id: string, { follow, tail, since, until }: LogOptions): readonly string[] {
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
    `CONTAINER_ID_FULL=${id}`,
  ]
}

interface Pipe {
  read(): Promise<Uint8Array | undefined>
}

async function* entries(pipe: Pipe): AsyncIterable<LogEntry> {
  const decoder = new TextDecoder()
  let held = ''
  for (let chunk = await pipe.read(); chunk !== undefined; chunk = await pipe.read()) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split('\n')
    held = lines.pop() ?? ''
    for (const entry of lines.map(parseJournalLine)) if (entry !== undefined) yield entry
  }
}

/** journalctl goes on for ever: what was written before the end gets this long to come out. */
const graceMs = 500

async function endWith(
  { ended, until, pollMs = 250, clock = systemClock }: ReadJournalOptions,
  end: () => void,
  isDone: () => boolean,
): Promise<void> {
  const isOver = async (): Promise<boolean> => ((await ended?.()) ?? false) || (until !== undefined && clock.now() > until.getTime())
  while (!isDone() && !(await isOver())) await clock.sleep(pollMs)
  if (isDone()) return
  await clock.sleep(graceMs)
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
