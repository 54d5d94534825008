import type { Clock } from '@podwright/conventions'
import type { NamespaceExecutor, StorageDriver } from '@podwright/contracts'
import type { Database } from '@podwright/linux'
import type { StoragePaths } from './paths.ts'
import type { UnpackWorkers } from './unpack-workers.ts'

/** What reading rows takes. */
export type Reader = Pick<Database, 'statement'>

/** Where images can be read from: this storage's own directory, or a read-only one. */
export interface Shelf {
  readonly paths: StoragePaths
  readonly database: Reader
}

/** What the parts of an open storage share. */
export interface Store extends Shelf {
  readonly runRoot: string
  /** A getter: a repair can put another one in its place. */
  readonly database: Database
  /** Opens the database again, after it was closed. */
  reopen(): Promise<void>
  /** Read-only stores, in the order in which they are looked through after this one. */
  readonly additional: readonly Shelf[]
  readonly clock: Clock
  readonly namespace: NamespaceExecutor
  readonly minFreeBytes: number
  readonly unpackConcurrency: number
  readonly unpackWorkers: UnpackWorkers
  /** The driver in use; chosen, tried and remembered at the first call. */
  driver(): Promise<StorageDriver>
}

/** Columns of one row. */
export type Row = Readonly<Record<string, unknown>>

export function rows(database: Reader, sql: string, ...parameters: (string | number | null)[]): Row[] {
  return database.statement(sql).all(...parameters)
}

export function row(database: Reader, sql: string, ...parameters: (string | number | null)[]): Row | undefined {
  return database.statement(sql).get(...parameters)
}

/** How many rows it changed. */
export function change(database: Reader, sql: string, ...parameters: (string | number | null)[]): number {
  return Number(database.statement(sql).run(...parameters).changes)
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function optionalNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
