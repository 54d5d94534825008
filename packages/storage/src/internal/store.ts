import type { Clock } from '@podwright/conventions'
import type { NamespaceExecutor, StorageDriver } from '@podwright/contracts'
import type { Database } from '@podwright/linux'
import type { StoragePaths } from './paths.ts'

/** What the parts of an open storage share. */
export interface Store {
  readonly paths: StoragePaths
  readonly runRoot: string
  readonly database: Database
  readonly clock: Clock
  readonly namespace: NamespaceExecutor
  readonly minFreeBytes: number
  readonly unpackConcurrency: number
  /** The driver in use; chosen, tried and remembered at the first call. */
  driver(): Promise<StorageDriver>
}

/** Columns of one row. */
export type Row = Readonly<Record<string, unknown>>

export function rows(database: Database, sql: string, ...parameters: (string | number | null)[]): Row[] {
  return database.statement(sql).all(...parameters)
}

export function row(database: Database, sql: string, ...parameters: (string | number | null)[]): Row | undefined {
  return database.statement(sql).get(...parameters)
}

/** How many rows it changed. */
export function change(database: Database, sql: string, ...parameters: (string | number | null)[]): number {
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
