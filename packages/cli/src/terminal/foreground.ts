import type { AttachEnd, AttachStreams } from '@podwright/contracts'
import type { CommandContext } from '../context.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'
import { parseDetachKeys } from './detach-keys.ts'

/** A container's streams joined to ours. */
export interface ForegroundSession {
  /** The container has a terminal. */
  readonly terminal: boolean
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  /** As typed. @default the engine's */
  readonly detachKeys?: string | undefined
  /** Sends a signal on; without it, SIGINT, SIGTERM and SIGHUP end us and leave the container alone. */
  readonly relay?: ((signal: NodeJS.Signals) => Promise<void>) | undefined
  /** Attaches; resolves at the end. */
  begin(streams: AttachStreams): Promise<AttachEnd | undefined>
}

/** Joins a container's streams to ours until it ends or is detached from; the exit status. The terminal is given back whatever happens. */
export async function runForeground(context: CommandContext, session: ForegroundSession): Promise<number> {
  const streams = attachStreams(context, session)
  let onContinue = (): void => undefined
  using relay = session.relay && new SignalRelay(context, session, session.relay, () => onContinue())
  // What came before there was a relay has called us off.
  context.signals.signal.throwIfAborted()
  using terminal = session.terminal && session.stdin && context.stdin.isTerminal ? await openRaw(context) : undefined
  if (terminal !== undefined) onContinue = () => terminal.renew()
  const end = await (relay === undefined ? endUnlessInterrupted(context, session, streams) : session.begin(streams))
  return end?.type === 'exited' ? end.exitCode : exitCodes.success
}

/** Streams are opened when they are looked at, which is when the container runs: for stdout on a pipe, Node loads its network code. */
function attachStreams({ stdin, stdout, stderr, terminal }: CommandContext, session: ForegroundSession): AttachStreams {
  const window = session.terminal ? terminal.windowSizes() : undefined
  return {
    get stdin() {
      return session.stdin ? stdin.stream() : undefined
    },
    get stdout() {
      return session.stdout ? stdout.stream() : undefined
    },
    get stderr() {
      return session.stderr && !session.terminal ? stderr.stream() : undefined
    },
    ...(session.detachKeys !== undefined && { detachKeys: parseDetachKeys(session.detachKeys) }),
    ...(window !== undefined && { window }),
  }
}

/** Without a relay, whoever interrupts us leaves at once: what the container does is its own business. */
async function endUnlessInterrupted(
  { signals: { signal } }: CommandContext,
  session: ForegroundSession,
  streams: AttachStreams,
): Promise<AttachEnd | undefined> {
  const interrupted = Promise.withResolvers<AttachEnd>()
  const onAbort = (): void => interrupted.resolve({ type: 'exited', exitCode: exitCodeOf(signal.reason) })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([session.begin(streams), interrupted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** A raw terminal that can be made raw again after a shell has set it otherwise. */
interface RawTerminal extends Disposable {
  renew(): void
}

async function openRaw({ terminal }: CommandContext): Promise<RawTerminal> {
  const makeRaw = await terminal.loadRaw()
  let raw = makeRaw()
  return {
    renew() {
      raw[Symbol.dispose]()
      raw = makeRaw()
    },
    [Symbol.dispose]: () => raw[Symbol.dispose](),
  }
}

/** How long a signal is tried on a container that doesn't run yet. */
const startPauseMs = 50
const startTries = 100

/** Sends signals on, in the order in which they came, until closed. */
class SignalRelay implements Disposable {
  readonly #context: CommandContext
  readonly #send: (signal: NodeJS.Signals) => Promise<void>
  readonly #subscription: Disposable
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(
    context: CommandContext,
    session: ForegroundSession,
    send: (signal: NodeJS.Signals) => Promise<void>,
    onContinue: () => void,
  ) {
    this.#context = context
    this.#send = send
    this.#subscription = context.signals.relay((name) => {
      if (name === 'SIGCONT') onContinue()
      // A container with a terminal is told by its size.
      if (name === 'SIGWINCH' && session.terminal) return
      this.#last = this.#last.then(() => this.#deliver(name))
    })
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#subscription[Symbol.dispose]()
  }

  /** A signal that comes between creation and the first instruction waits for it. */
  async #deliver(name: NodeJS.Signals): Promise<void> {
    for (let tries = 0; tries < startTries && !this.#closed; tries++) {
      try {
        return await this.#send(name)
      } catch (error) {
        if (this.#context.logLevel === 'debug') this.#context.stderr.write(`signal ${name} not delivered: ${String(error)}\n`)
        await this.#context.clock.sleep(startPauseMs)
      }
    }
  }
}
