import { isPodwrightError } from '@podwright/conventions'
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase, type DatabaseSchema } from '../src/database.ts'

const first = { sql: 'CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT' }
const schema: DatabaseSchema = { name: 'the test database', applicationId: 0x7e57, migrations: [first] }

let directory = ''
let path = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-database-'))
  path = join(directory, 'test.db')
})
afterEach(() => rmSync(directory, { recursive: true }))

const code = (expected: string) => (error: unknown) => isPodwrightError(error, expected)

describe('openDatabase', () => {
  test('makes it, readable for its owner alone, and opens it again', async () => {
    {
      using database = await openDatabase(path, schema)
      await database.transaction(() => database.statement('INSERT INTO counters VALUES (?, ?)').run('a', 1), { durable: true })
    }
    using database = await openDatabase(path, schema)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(database.statement('SELECT value FROM counters WHERE name = ?').get('a')?.['value']).toBe(1)
    expect(database.sqlite.prepare('PRAGMA journal_mode').get()?.['journal_mode']).toBe('wal')
  })

  test.for(['with its log', 'without a log'] as const)('on a read-only file system, reads one %s', async (state, { skip }) => {
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    skip(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0, 'needs root, to mount a file system')
    try {
      path = join(disk, 'test.db')
      const writer = await openDatabase(path, schema)
      await writer.transaction(() => writer.statement('INSERT INTO counters VALUES (?, ?)').run('a', 1))
      if (state === 'without a log') writer.close()
      else for (const file of ['', '-wal', '-shm']) cpSync(`${path}${file}`, `${path}.copy${file}`)
      if (state === 'with its log') path += '.copy'
      writer.close()
      expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0)
      using database = await openDatabase(path, schema)
      expect(database.statement('SELECT value FROM counters WHERE name = ?').get('a')?.['value']).toBe(1)
      await expect(database.transaction(() => database.sqlite.exec('DELETE FROM counters'))).rejects.toSatisfy(
        code('ERR_DATABASE_READ_ONLY'),
      )
      await expect(openDatabase(join(disk, 'none.db'), schema)).rejects.toSatisfy(code('ERR_DATABASE_READ_ONLY'))
    } finally {
      spawnSync('umount', ['--lazy', disk])
    }
  })

  test('brings an older one up to date, once', async () => {
    ;(await openDatabase(path, schema)).close()
    const newer = { ...schema, migrations: [first, { sql: 'ALTER TABLE counters ADD COLUMN unit TEXT' }] }
    const opened = await Promise.all([openDatabase(path, newer), openDatabase(path, newer)])
    for (const database of opened) {
      expect(database.statement('SELECT unit FROM counters').all()).toEqual([])
      database.close()
    }
  })

  test('refuses a newer one by name, unless that is compatible', async () => {
    const added = { sql: 'CREATE TABLE more (a)', compatible: true }
    ;(await openDatabase(path, { ...schema, migrations: [first, added] })).close()
    ;(await openDatabase(path, schema)).close()
    ;(await openDatabase(path, { ...schema, migrations: [first, added, { sql: 'DROP TABLE counters' }] })).close()
    await expect(openDatabase(path, schema)).rejects.toSatisfy(code('ERR_DATABASE_NEWER'))
    await expect(openDatabase(path, schema)).rejects.toThrow('the test database has version 3')
  })

  test('refuses what is not its own', async () => {
    ;(await openDatabase(path, { ...schema, applicationId: 1 })).close()
    await expect(openDatabase(path, schema)).rejects.toSatisfy(code('ERR_DATABASE_FOREIGN'))
    const text = join(directory, 'text.db')
    writeFileSync(text, 'not a database at all, but long enough to be looked at as one'.repeat(100))
    await expect(openDatabase(text, schema)).rejects.toSatisfy(code('ERR_DATABASE_CORRUPT'))
  })
})

describe('transaction', () => {
  test('rolls back what threw', async () => {
    using database = await openDatabase(path, schema)
    const work = (): void => {
      database.statement('INSERT INTO counters VALUES (?, ?)').run('a', 1)
      throw new Error('no')
    }
    await expect(database.transaction(work)).rejects.toThrow('no')
    await expect(database.transaction(() => Promise.resolve(1))).rejects.toThrow(TypeError)
    expect(database.statement('SELECT * FROM counters').all()).toEqual([])
  })

  test('waits for another connection, and gives up after the time-out', async () => {
    using holder = await openDatabase(path, schema)
    using waiter = await openDatabase(path, schema, { timeoutMs: 1 })
    holder.sqlite.exec('BEGIN IMMEDIATE')
    await expect(waiter.transaction(() => 1)).rejects.toSatisfy(code('ERR_DATABASE_BUSY'))
    using patient = await openDatabase(path, schema)
    const waiting = patient.transaction(() => 1)
    holder.sqlite.exec('COMMIT')
    expect(await waiting).toBe(1)
  })

  test('an abort ends the wait with its reason', async () => {
    using holder = await openDatabase(path, schema)
    using waiter = await openDatabase(path, schema)
    holder.sqlite.exec('BEGIN IMMEDIATE')
    await expect(waiter.transaction(() => 1, { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout')
    holder.sqlite.exec('ROLLBACK')
  })

  test('several processes lose no update', async () => {
    using database = await openDatabase(path, schema)
    await database.transaction(() => database.statement('INSERT INTO counters VALUES (?, 0)').run('a'))
    const children = Array.from({ length: 3 }, () =>
      fork(join(import.meta.dirname, 'fixtures/count.ts'), [path, '100'], { execArgv: ['-C', '@podwright/source'] }),
    )
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number))
    expect(codes).toEqual([0, 0, 0])
    expect(database.statement('SELECT value FROM counters').get()?.['value']).toBe(300)
  })
})
