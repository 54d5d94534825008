import type { Duplex } from 'node:stream'

/** Calls `onMessage` for each line of JSON that comes. A line that isn't JSON destroys the stream. */
export function onJsonLines<Message>(stream: Duplex, onMessage: (message: Message) => void): void {
  let parts: string[] = []
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = chunk.split('\n')
    const last = lines.pop() ?? ''
    for (const line of lines) {
      const whole = parts.length === 0 ? line : [...parts, line].join('')
      parts = []
      const message = parse<Message>(whole)
      if (message === undefined) return void stream.destroy(new Error('what came is not a line of JSON'))
      onMessage(message)
    }
    if (last !== '') parts.push(last)
  })
}

/** Writes a message as one line. A stream that is gone takes nothing: whoever waits for an answer learns it from the stream's end. */
export function writeJsonLine(stream: Duplex, message: unknown): void {
  if (stream.writable) stream.write(`${JSON.stringify(message)}\n`)
}

function parse<Message>(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}
