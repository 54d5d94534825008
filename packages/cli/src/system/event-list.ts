import type { EngineEvent } from '@podwright/contracts'
import type { ListDefinition } from '../render/list-definition.ts'

/** What podman's events have in fields of their own, and docker's among the attributes. */
const named = ['name', 'image']

/** An event as a line of text, in podman's form: time, type, action, id, and in brackets what else is known. */
export function eventText(event: EngineEvent, { whole }: { readonly whole: boolean }): string {
  const { type, action } = event
  const id = whole ? hexOf(event) : hexOf(event).slice(0, 12)
  if (type === 'volume') return `${timeText(event)} ${type} ${action} ${event.subject}`
  if (type === 'image') return `${timeText(event)} ${type} ${action} ${id} ${event.attributes['name'] ?? ''}`.trimEnd()
  const details = [`image=${event.attributes['image'] ?? ''}`, `name=${event.attributes['name'] ?? ''}`]
  for (const [name, value] of Object.entries(othersOf(event))) details.push(`${name}=${value}`)
  return `${timeText(event)} ${type} ${action} ${id} (${details.join(', ')})`
}

/** Events for templates and JSON: docker's fields and podman's. */
export const eventList: ListDefinition<EngineEvent> = {
  typeName: 'Event',
  columns: ['Time', 'Type', 'Action', 'ID', 'Name'],
  fields: {
    Action: ({ action }) => action,
    Actor: (event) => ({ ID: hexOf(event), Attributes: event.attributes }),
    Attributes: othersOf,
    ContainerExitCode: exitCodeOf,
    From: ({ attributes }) => attributes['image'] ?? '',
    ID: hexOf,
    Image: ({ attributes }) => attributes['image'] ?? '',
    Name: nameOf,
    Scope: () => 'local',
    Status: ({ action }) => action,
    Time: timeText,
    TimeNano: ({ time }) => time.getTime() * 1e6,
    Type: ({ type }) => type,
  },
  records: (items) => items.map(recordOf),
  line: recordOf,
}

function recordOf(event: EngineEvent): object {
  const { type, action, time, attributes } = event
  const exitCode = exitCodeOf(event)
  return {
    ID: hexOf(event),
    Image: attributes['image'],
    Name: nameOf(event),
    Status: action,
    Action: action,
    Actor: { ID: hexOf(event), Attributes: attributes },
    Time: time.toISOString(),
    time: Math.floor(time.getTime() / 1000),
    timeNano: time.getTime() * 1e6,
    Type: type,
    scope: 'local',
    Attributes: othersOf(event),
    ...(exitCode !== undefined && { ContainerExitCode: exitCode }),
  }
}

function exitCodeOf({ attributes }: EngineEvent): number | undefined {
  return attributes['exitCode'] === undefined ? undefined : Number(attributes['exitCode'])
}

/** Without the algorithm of an image's id, as podman has it. */
function hexOf({ type, subject }: EngineEvent): string {
  if (type === 'volume') return ''
  return subject.slice(subject.indexOf(':') + 1)
}

function nameOf({ type, subject, attributes }: EngineEvent): string {
  return attributes['name'] ?? (type === 'volume' ? subject : '')
}

function othersOf({ attributes }: EngineEvent): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !named.includes(name)))
}

/** As Go prints a time: `2026-01-31 10:00:00.5 +0000 UTC`. */
function timeText({ time }: EngineEvent): string {
  const [day = '', rest = ''] = time.toISOString().split('T')
  return `${day} ${rest.slice(0, -1)} +0000 UTC`
}
