import { readdirSync } from 'node:fs'
import { textOf } from './processes.ts'

/** The processes that a run directory's files name as the holders of its user's namespaces. */
export function processesHolding(runtime: string): readonly number[] {
  const podman = Number(textOf(`${runtime}/libpod/tmp/pause.pid`))
  const own = /"pid":(\d+)/.exec(findText(runtime, 'pause.json'))?.[1]
  return [podman, Number(own)].filter((pid) => pid > 1)
}

function findText(directory: string, name: string): string {
  const [found] = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(name))
  return found === undefined ? '' : textOf(`${directory}/${found}`)
}
