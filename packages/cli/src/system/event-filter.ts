import type { EngineEvent } from '@podwright/contracts'
import { type FilterTests, hasLabels, parseFilters } from '../command-line/filters.ts'

/** Docker's words for what podman calls otherwise. */
const synonyms: Readonly<Record<string, string>> = {
  die: 'died',
  destroy: 'remove',
  delete: 'remove',
  exec_create: 'exec',
  exec_start: 'exec',
  load: 'loadfromarchive',
}

/**
 * The test that `events --filter` asks for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function eventFilter(texts: readonly string[]): (event: EngineEvent) => boolean {
  return parseFilters(texts, tests)
}

const tests: FilterTests<EngineEvent> = {
  container: (values) => (event) => event.type === 'container' && values.some((value) => isNamed(event, value)),
  event: (values) => {
    const wanted = values.map((value) => synonyms[value] ?? value)
    return ({ action }) => wanted.includes(action)
  },
  image: (values) => (event) => {
    const { type, attributes } = event
    if (type === 'image') return values.some((value) => isNamed(event, value))
    return values.some((value) => attributes['image'] === value || isTail(attributes['image'], value))
  },
  label:
    (values) =>
    ({ attributes }) =>
      hasLabels(attributes, values),
  type:
    (values) =>
    ({ type }) =>
      values.includes(type),
  volume: (values) => (event) => event.type === 'volume' && values.some((value) => isNamed(event, value)),
}

/** By the beginning of its id, or by its name; a volume has no id, and an image's name may be short. */
function isNamed({ type, subject, attributes: { name } }: EngineEvent, value: string): boolean {
  if (name === value || subject === value) return true
  if (type === 'volume' || value === '') return false
  return subject.slice(subject.indexOf(':') + 1).startsWith(value) || (type === 'image' && isTail(name, value))
}

/** Whether an image's full name is meant by a short one: `debian` and `debian:latest` by docker.io/library/debian:latest. */
function isTail(name: string | undefined, short: string): boolean {
  return name !== undefined && short !== '' && [short, `${short}:latest`].some((text) => name === text || name.endsWith(`/${text}`))
}
