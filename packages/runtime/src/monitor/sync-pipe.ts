import type { Readable } from 'node:stream'

/** One message of conmon's: a pid, or later an exec session's exit code; negative with a reason when it failed. */
export interface SyncMessage {
  readonly value: number
  readonly message: string
}

/** conmon's sync pipe: JSON objects, one a line. */
export interface SyncPipe {
  /** The next message; undefined once the monitor closed the pipe. */
  next(): Promise<SyncMessage | undefined>
  close(): void
}

/** Reads messages off a stream; those that nobody waits for yet are kept. */
export function readSyncPipe(stream: Readable): SyncPipe {
  const messages: SyncMessage[] = []
  const waiting: ((message: SyncMessage | undefined) => void)[] = []
  let text = ''
  let ended = false
  const settle = (): void => {
    for (const resolve of waiting.splice(0, ended ? waiting.length : messages.length)) resolve(messages.shift())
  }
  const end = (): void => {
    const last = parseMessage(text)
    if (last !== undefined) messages.push(last)
    text = ''
    ended = true
    settle()
  }
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const message = parseMessage(line)
      if (message !== undefined) messages.push(message)
    }
    settle()
  })
  stream.on('end', end)
  stream.on('error', end)
  stream.on('close', end)
  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        settle()
      }),
    close: () => stream.destroy(),
  }
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
