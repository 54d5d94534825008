import type { HealthResult } from '@podwright/contracts'
import { type Database, DatabaseError, openDatabase } from '@podwright/linux'
import { nameInUse } from '../containers/name-in-use.ts'
import { EngineError } from '../errors.ts'
import type { HealthRecord } from '../health/health-record.ts'
import { type Dependent, dependentsOf, forgetDependents, recordNeeds } from './dependencies.ts'
import {
  type ContainerEnd,
  type ContainerEvent,
  died,
  eventsAfter,
  lastEvent,
  type NewEvent,
  recordContainerEvent,
  recordEvent,
  type StoredEvent,
} from './event-log.ts'
import { type EndedCheck, readHealthLog, recordCheck } from './health-log.ts'
import type { ContainerChange, ContainerRecord, ContainerRow, ContainerSettings } from './record.ts'
import { keepSecrets, type SecretStore, secretStore } from '../secrets/secret-store.ts'
import { isKept, keepingColumn, newKeeping, newRotation, parseKept } from './keeping.ts'
import { engineSchema } from './schema.ts'

/** The containers in the engine's database. Reads are synchronous; writes wait for other writers. */
export interface ContainerStore extends Disposable {
  /** All rows, the newest first, without settings. */
  list(): ContainerRow[]
  /** A row without its settings. */
  find(id: string): ContainerRow | undefined
  get(id: string): ContainerRecord | undefined
  /** @throws `ERR_CONTAINER_NOT_FOUND` */
  require(id: string): ContainerRecord
  findByName(name: string): ContainerRecord | undefined
  idsByPrefix(prefix: string): string[]
  /** Those that the keeper has to look after, unless somebody has stopped them. */
  kept(): ContainerRow[]
  /** Whose log is a file of that path; `rotated`: and put aside when it is full. */
  logsTo(path: string): { readonly name: string; readonly rotated: boolean }[]
  /** The containers that need one. */
  dependentsOf(id: string): Dependent[]
  /** Ids of the containers made from an image, or that have it mounted. */
  idsByImage(imageId: string): string[]
  /** With the event `create`. @throws `ERR_CONTAINER_NAME_IN_USE` */
  insert(record: ContainerRecord): Promise<void>
  /**
   * Also on a full disk, but for a start: what ends a container, or takes back what was begun, comes before its removal.
   *
   * @param event of which it is the deed
   */
  update(id: string, change: ContainerChange, ...events: readonly ContainerEvent[]): Promise<void>
  /** What a container is to be from now on, with the event. */
  updateSettings(id: string, settings: ContainerSettings, event: ContainerEvent): Promise<void>
  /** In one step, so that two never have one name. With the event `rename`. @throws `ERR_CONTAINER_NAME_IN_USE` */
  rename(id: string, name: string, time: number): Promise<void>
  /** Marks a container as being removed, and keeps its exit code beyond that, for a day. With the event `died` when nobody has seen its end before. */
  beginRemoval(id: string, exit: (ContainerEnd & { readonly isNew: boolean }) | undefined): Promise<void>
  /** With the event `remove` at that time, when the container had ever been. */
  remove(id: string, time: number | undefined): Promise<void>
  /** Puts an event of a container on record that changes nothing of it. Never fails the deed that it tells of: on a full disk it is lost. */
  noteContainer(id: string, event: ContainerEvent): Promise<void>
  /** The same of something else. */
  note(event: NewEvent): Promise<void>
  /** Puts what a check found on record, with the event `health_status` of a change; undefined when that run of the container is over. */
  recordCheck(check: EndedCheck): Promise<HealthRecord | undefined>
  /** What checks found since a time, the oldest first. */
  healthLog(id: string, since: number): HealthResult[]
  /** The events after a sequence number, some hundred at most. */
  eventsAfter(sequence: number): StoredEvent[]
  /** The sequence number of the last event; 0 when there is none. */
  lastEvent(): number
  exitOf(id: string): number | undefined
  readonly secrets: SecretStore
}

/** For the removal of containers on a full disk: some hundred pages. */
const reserveBytes = 2 ** 20
const makesRoom = { makesRoom: true } as const

const dayMs = 24 * 60 * 60 * 1000

const rowColumns =
  'id, name, image_id, image_name, created_at, args, labels, network, auto_remove, desired, status, pid, pid_start, monitor_pid, ' +
  "monitor_start, boot_id, exit_code, started_at, finished_at, error, runtime, json_extract(settings, '$.mounts') AS mounts, " +
  "json_extract(settings, '$.ports') AS ports, " +
  keepingColumn

/** Columns that a change may touch, by field. */
const changeColumns: Readonly<Record<keyof ContainerChange, string>> = {
  name: 'name',
  desired: 'desired',
  status: 'status',
  pid: 'pid',
  pidStart: 'pid_start',
  monitorPid: 'monitor_pid',
  monitorStart: 'monitor_start',
  bootId: 'boot_id',
  exitCode: 'exit_code',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  error: 'error',
  runtime: 'runtime',
  restartAt: 'restart_at',
  restartDelayMs: 'restart_delay',
  restartCount: 'restart_count',
  health: 'health',
}

/** Opens the engine's database, making it when it isn't there. */
export async function openContainerStore(path: string): Promise<ContainerStore> {
  return containerStore(await openDatabase(path, engineSchema, { reserveBytes }))
}

function containerStore(database: Database): ContainerStore {
  const one = (where: string, value: string): Record<string, unknown> | undefined =>
    database.statement(`SELECT ${rowColumns}, settings FROM containers WHERE ${where} = ?`).get(value)
  const record = (found: Record<string, unknown> | undefined): ContainerRecord | undefined =>
    found === undefined ? undefined : { ...toRow(found), settings: parse<ContainerSettings>(found['settings']) }
  const ids = (sql: string, value: string): string[] =>
    database
      .statement(sql)
      .all(value)
      .map((found) => String(found['id']))
  return {
    list: () => database.statement(`SELECT ${rowColumns} FROM containers ORDER BY created_at DESC`).all().map(toRow),
    kept: () => database.statement(`SELECT ${rowColumns} FROM containers WHERE kept = 1 AND desired = 'running'`).all().map(toRow),
    find: (id) => {
      const found = database.statement(`SELECT ${rowColumns} FROM containers WHERE id = ?`).get(id)
      return found === undefined ? undefined : toRow(found)
    },
    get: (id) => record(one('id', id)),
    require: (id) => {
      const found = record(one('id', id))
      if (found !== undefined) return found
      throw new EngineError('ERR_CONTAINER_NOT_FOUND', `the container ${id.slice(0, 12)} is gone`, { details: { id } })
    },
    findByName: (name) => record(one('name', name)),
    idsByPrefix: (prefix) => ids('SELECT id FROM containers WHERE id GLOB ? ORDER BY id', `${prefix}*`),
    logsTo: (path) =>
      database
        .statement(
          "SELECT name, json_extract(settings, '$.logging.maximumBytes') IS NOT NULL AS rotated FROM containers " +
            "WHERE json_extract(settings, '$.logging.path') = ?",
        )
        .all(path)
        .map((found) => ({ name: String(found['name']), rotated: found['rotated'] === 1 })),
    dependentsOf: (id) => dependentsOf(database, id),
    idsByImage: (imageId) =>
      ids(
        "SELECT id FROM containers WHERE image_id = ?1 OR EXISTS (SELECT 1 FROM json_each(settings, '$.mounts') WHERE json_extract(value, '$.imageId') = ?1) " +
          'ORDER BY created_at',
        imageId,
      ),
    insert: async (added) => {
      await database.transaction(() => {
        insertRow(database, added)
        if (added.settings.secrets !== undefined) keepSecrets(database, added.id, new Set(added.settings.secrets.map(({ id }) => id)))
        recordNeeds(database, added)
        recordContainerEvent(database, added.id, { action: 'create', time: added.createdAt })
      })
    },
    update: async (id, change, ...events) => {
      const fields = Object.keys(change) as (keyof ContainerChange)[]
      const assignments = fields.map((field) => `${changeColumns[field]} = ?`).join(', ')
      const values = fields.map((field) => (field === 'health' ? JSON.stringify(change.health ?? null) : (change[field] ?? null)))
      const work = (): void => {
        database.statement(`UPDATE containers SET ${assignments} WHERE id = ?`).run(...values, id)
        for (const event of events) recordContainerEvent(database, id, event)
      }
      await database.transaction(work, { makesRoom: change.status !== 'initialized' && change.status !== 'running' })
    },
    updateSettings: async (id, settings, event) => {
      const kept = isKept({ keeping: newKeeping(settings), rotation: newRotation(settings) }) ? 1 : 0
      await database.transaction(() => {
        database.statement('UPDATE containers SET settings = ?, kept = ? WHERE id = ?').run(JSON.stringify(settings), kept, id)
        recordContainerEvent(database, id, event)
      })
    },
    rename: async (id, name, time) => {
      await database.transaction(() => {
        refuseTaken(database, name, id)
        const oldName = one('id', id)?.['name']
        database.statement('UPDATE containers SET name = ? WHERE id = ?').run(name, id)
        recordContainerEvent(database, id, { action: 'rename', time, attributes: { oldName: String(oldName) } })
      })
    },
    beginRemoval: async (id, exit) => {
      await database.transaction(() => {
        database.statement("UPDATE containers SET status = 'removing' WHERE id = ?").run(id)
        if (exit === undefined) return
        for (const event of exit.isNew ? died(exit) : []) recordContainerEvent(database, id, event)
        database.statement('DELETE FROM exits WHERE finished_at < ?').run(exit.finishedAt - dayMs)
        database
          .statement('INSERT OR REPLACE INTO exits (id, exit_code, finished_at) VALUES (?, ?, ?)')
          .run(id, exit.exitCode, exit.finishedAt)
      }, makesRoom)
    },
    remove: async (id, time) => {
      await database.transaction(() => {
        if (time !== undefined) recordContainerEvent(database, id, { action: 'remove', time })
        forgetDependents(database, id)
        database.statement('DELETE FROM containers WHERE id = ?').run(id)
      }, makesRoom)
    },
    noteContainer: (id, event) => tell(database, () => recordContainerEvent(database, id, event)),
    note: (event) => tell(database, () => recordEvent(database, event)),
    recordCheck: (check) =>
      database.transaction(() => {
        const found = one('id', check.run.id)
        return recordCheck(database, found && toRow(found), check)
      }),
    healthLog: (id, since) => readHealthLog(database, id, since),
    eventsAfter: (sequence) => eventsAfter(database, sequence),
    lastEvent: () => lastEvent(database),
    exitOf: (id) => {
      const found = database.statement('SELECT exit_code FROM exits WHERE id = ?').get(id)
      return found === undefined ? undefined : Number(found['exit_code'])
    },
    secrets: secretStore(database),
    [Symbol.dispose]: () => database.close(),
  }
}

/** What has been done is done, whether or not there is room to tell of it. */
async function tell(database: Database, work: () => void): Promise<void> {
  try {
    await database.transaction(work)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
  }
}

/** A container may have its own name. */
function refuseTaken(database: Database, name: string, id: string): void {
  const taken = database.statement('SELECT id FROM containers WHERE name = ? AND id <> ?').get(name, id)
  if (taken !== undefined) throw nameInUse(name, String(taken['id']))
}

function insertRow(database: Database, record: ContainerRecord): void {
  refuseTaken(database, record.name, record.id)
  database
    .statement(
      'INSERT INTO containers (id, name, image_id, image_name, created_at, args, labels, network, auto_remove, settings, desired, status, boot_id, runtime, kept) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      record.id,
      record.name,
      record.imageId,
      record.imageName,
      record.createdAt,
      JSON.stringify(record.args),
      JSON.stringify(record.labels),
      record.network,
      record.autoRemove ? 1 : 0,
      JSON.stringify(record.settings),
      record.desired,
      record.status,
      record.bootId,
      record.runtime,
      isKept(record) ? 1 : 0,
    )
}

function toRow(found: Record<string, unknown>): ContainerRow {
  const text = (column: string): string => String(found[column])
  const number = (column: string): number => Number(found[column])
  const maybe = (column: string): number | undefined => (found[column] === null ? undefined : Number(found[column]))
  return {
    id: text('id'),
    name: text('name'),
    imageId: text('image_id') as ContainerRow['imageId'],
    imageName: text('image_name'),
    createdAt: number('created_at'),
    args: parse(found['args']),
    labels: parse(found['labels']),
    network: text('network') as ContainerRow['network'],
    ports: found['ports'] === null ? [] : parse(found['ports']),
    mounts: parse(found['mounts'] ?? '[]'),
    autoRemove: number('auto_remove') === 1,
    desired: text('desired') as ContainerRow['desired'],
    status: text('status') as ContainerRow['status'],
    pid: number('pid'),
    pidStart: number('pid_start'),
    monitorPid: number('monitor_pid'),
    monitorStart: number('monitor_start'),
    bootId: text('boot_id'),
    exitCode: maybe('exit_code'),
    startedAt: maybe('started_at'),
    finishedAt: maybe('finished_at'),
    error: found['error'] === null ? undefined : text('error'),
    runtime: text('runtime'),
    ...(found['keeping'] !== null && parseKept(text('keeping'))),
  }
}

/** Our own JSON, written by `insert`. */
function parse<Value>(text: unknown): Value {
  return JSON.parse(String(text)) as Value
}
