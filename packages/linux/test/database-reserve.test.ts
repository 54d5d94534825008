import { isPodwrightError } from '@podwright/conventions'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, type TestContext, test } from 'vitest'
import { type Database, type DatabaseSchema, openDatabase } from '../src/database.ts'

const schema: DatabaseSchema = {
  name: 'the test database',
  applicationId: 0x7e57,
  migrations: [{ sql: 'CREATE TABLE things (id INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT' }],
}
const reserveBytes = 2 ** 20

let directory = ''
let path = ''
let filler = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-reserve-'))
  path = join(directory, 'disk', 'test.db')
  filler = join(directory, 'disk', 'filler')
})
afterEach(() => {
  spawnSync('umount', ['--lazy', join(directory, 'disk')])
  rmSync(directory, { recursive: true })
})

/** A file system of so many MiB. */
function mountDisk({ skip }: Pick<TestContext, 'skip'>, sizeMiB: number): void {
  const disk = join(directory, 'disk')
  mkdirSync(disk)
  skip(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', disk]).status !== 0, 'needs root, to mount a file system')
}

/** Takes every byte that is free. */
function fill(): void {
  const file = openSync(filler, 'a')
  try {
    for (;;) writeSync(file, Buffer.alloc(2 ** 12))
  } catch {
    expect(statfsSync(path).bavail).toBe(0)
  } finally {
    closeSync(file)
  }
}

const reserveSize = (): number => statSync(`${path}-reserve`).size
const full = (error: unknown): boolean => isPodwrightError(error, 'ERR_DATABASE_FULL')

/** Each row has pages of its own. */
async function addThings(database: Database, count: number): Promise<void> {
  await database.transaction(() => {
    for (let id = 1; id <= count; id++) database.statement('INSERT INTO things VALUES (?, ?)').run(id, 'x'.repeat(6000))
  })
}

const removeThing = (database: Database, id: number) => (): unknown => database.statement('DELETE FROM things WHERE id = ?').run(id)
const countThings = (database: Database): unknown => database.statement('SELECT count(*) AS things FROM things').get()?.['things']

describe('the reserve of a database', () => {
  test('a transaction that makes room is carried out on a full disk, again and again', async (context) => {
    mountDisk(context, 16)
    using database = await openDatabase(path, schema, { reserveBytes })
    await addThings(database, 20)
    expect([reserveSize(), statSync(`${path}-reserve`).mode & 0o777]).toEqual([reserveBytes, 0o600])
    fill()
    await expect(database.transaction(() => database.statement('UPDATE things SET content = ?').run('y'.repeat(9000)))).rejects.toSatisfy(
      full,
    )
    expect([reserveSize(), countThings(database)]).toEqual([reserveBytes, 20])
    for (let id = 1; id <= 5; id++) {
      await database.transaction(removeThing(database, id), { makesRoom: true, durable: true })
      // Somebody else takes what was not used.
      fill()
    }
    expect(countThings(database)).toBe(15)
  })

  test('gives up as much as a large one takes, and is whole again once there is room', async (context) => {
    mountDisk(context, 16)
    using database = await openDatabase(path, schema, { reserveBytes })
    await addThings(database, 100)
    fill()
    await database.transaction(() => database.statement('DELETE FROM things').run(), { makesRoom: true })
    expect(countThings(database)).toBe(0)
    rmSync(filler)
    await addThings(database, 1)
    expect(reserveSize()).toBe(reserveBytes)
  })

  test('a database that nobody has open can be opened on a full disk', async (context) => {
    mountDisk(context, 16)
    const before = await openDatabase(path, schema, { reserveBytes })
    await addThings(before, 2)
    before.close()
    expect(existsSync(`${path}-shm`)).toBe(false)
    fill()
    using database = await openDatabase(path, schema, { reserveBytes })
    expect(countThings(database)).toBe(2)
    await database.transaction(removeThing(database, 1), { makesRoom: true })
    expect(countThings(database)).toBe(1)
  })

  test('is not made where it would take what little is left', async (context) => {
    mountDisk(context, 1)
    using database = await openDatabase(path, schema, { reserveBytes })
    await addThings(database, 1)
    expect(existsSync(`${path}-reserve`)).toBe(false)
    fill()
    await expect(database.transaction(removeThing(database, 1), { makesRoom: true })).rejects.toSatisfy(full)
  })

  test('one whose maker was killed is completed', async (context) => {
    mountDisk(context, 16)
    const before = await openDatabase(path, schema, { reserveBytes })
    await addThings(before, 1)
    truncateSync(`${path}-reserve`, 1234)
    using database = await openDatabase(path, schema, { reserveBytes })
    await database.transaction(removeThing(database, 1))
    expect(reserveSize()).toBe(reserveBytes)
    before.close()
  })
})
