import type { Descriptor } from '@podwright/linux'

/** One message of conmon's: a pid, or later an exec session's exit code; negative with a reason when it failed. */
export interface SyncMessage {
  readonly value: number
  readonly message: string
}

/** conmon's sync pipe: JSON objects, one a line. */
export interface SyncPipe {
  /** The next message; undefined once the monitor closed the pipe. */
  next(): Promise<SyncMessage | undefined>
}

/** Reads messages off a pipe, each for who asked first. */
export function readSyncPipe(pipe: Pick<Descriptor, 'read'>): SyncPipe {
  const messages = readMessages(pipe)
  return {
    async next() {
      const { value } = await messages.next()
      return value
    },
  }
}

async function* readMessages(pipe: Pick<Descriptor, 'read'>): AsyncGenerator<SyncMessage, undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for (let chunk = await pipe.read(); chunk !== undefined; chunk = await pipe.read()) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n')
    text = lines.pop() ?? ''
    for (const message of lines.map(parseMessage)) if (message !== undefined) yield message
  }
  const last = parseMessage(text)
  if (last !== undefined) yield last
  return undefined
}

/** `{"data":42}`; before its API version 1, `{"pid":42}` and `{"exit_code":0}`. */
function parseMessage(line: string): SyncMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Readonly<Record<string, unknown>>
  const number = fields['data'] ?? fields['pid'] ?? fields['exit_code']
  const message = fields['message']
  return typeof number === 'number' ? { value: number, message: typeof message === 'string' ? message : '' } : undefined
}
