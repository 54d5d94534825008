import type { EventType } from '@podwright/contracts'
import type { Database } from '@podwright/linux'

/** What happens to a container: its name, image and labels are taken from its row. */
export interface ContainerEvent {
  /** In podman's words. */
  readonly action: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly attributes?: Readonly<Record<string, string>>
}

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number
  readonly finishedAt: number
  /** Whether the kernel has killed a process of it for want of memory. @default false */
  readonly oomKilled?: boolean
}

/** How a container's end is told. */
export function died({ exitCode, finishedAt, oomKilled }: ContainerEnd): readonly ContainerEvent[] {
  const end: ContainerEvent = { action: 'died', time: finishedAt, attributes: { exitCode: String(exitCode) } }
  return oomKilled ? [{ action: 'oom', time: finishedAt }, end] : [end]
}

/** What happens to something else. */
export interface NewEvent extends ContainerEvent {
  readonly type: EventType
  readonly subject: string
}

/** An event on record. */
export interface StoredEvent extends NewEvent {
  readonly sequence: number
  readonly attributes: Readonly<Record<string, string>>
}

/** How many are kept at least. */
const kept = 10_000
/** The older ones go when so many more have come. */
const surplus = 256
/** How many are read at a time. */
const pageSize = 500

/** Inside a transaction: with the change that it tells of, so that neither is there without the other. Nothing, when the container is not there. */
export function recordContainerEvent(database: Database, id: string, { action, time, attributes = {} }: ContainerEvent): void {
  const { lastInsertRowid } = database
    .statement(
      "INSERT INTO events (time, type, action, subject, attributes) SELECT ?, 'container', ?, id, " +
        "json_patch(json_patch(labels, json_object('image', image_name, 'name', name)), ?) FROM containers WHERE id = ?",
    )
    .run(time, action, JSON.stringify(attributes), id)
  dropOld(database, Number(lastInsertRowid))
}

/** Inside a transaction. */
export function recordEvent(database: Database, { type, subject, action, time, attributes = {} }: NewEvent): void {
  const { lastInsertRowid } = database
    .statement('INSERT INTO events (time, type, action, subject, attributes) VALUES (?, ?, ?, ?, ?)')
    .run(time, type, action, subject, JSON.stringify(attributes))
  dropOld(database, Number(lastInsertRowid))
}

function dropOld(database: Database, last: number): void {
  if (last % surplus === 0) database.statement('DELETE FROM events WHERE sequence <= ?').run(last - kept)
}

/** The next events, in order. */
export function eventsAfter(database: Database, sequence: number): StoredEvent[] {
  return database
    .statement('SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?')
    .all(sequence, pageSize)
    .map((found) => ({
      sequence: Number(found['sequence']),
      time: Number(found['time']),
      type: String(found['type']) as EventType,
      action: String(found['action']),
      subject: String(found['subject']),
      attributes: JSON.parse(String(found['attributes'])) as Record<string, string>,
    }))
}

/** The sequence number of the last one; 0 when there is none. */
export function lastEvent(database: Database): number {
  return Number(database.statement('SELECT max(sequence) AS last FROM events').get()?.['last'] ?? 0)
}
