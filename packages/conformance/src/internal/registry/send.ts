import type { ServerResponse } from 'node:http'
import type { ScriptedAnswer } from './answer.ts'

/** Writes an answer; a length is announced where its headers do so only. */
export function send(response: ServerResponse, { status, headers, body }: ScriptedAnswer, method: string | undefined): void {
  response.writeHead(status, headers)
  response.end(method === 'HEAD' ? undefined : body)
}
