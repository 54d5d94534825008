import { type DatabaseSchema, openDatabase } from '@podwright/linux'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storageSchema } from '../src/internal/schema.ts'
import { smallImage, storeImage } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

test('a database of the first version is brought up to date, and that version can go on using it', async () => {
  using place = scratch()
  const path = join(place.path, 'root/storage.db')
  const first: DatabaseSchema = { ...storageSchema, migrations: storageSchema.migrations.slice(0, 1) }
  mkdirSync(join(place.path, 'root'))
  {
    using database = await openDatabase(path, first)
    database.sqlite.exec("INSERT INTO settings VALUES ('driver', 'vfs')")
    for (const name of ['blobs', 'ingest', 'layers', 'l', 'snapshots', 'leases', 'trash']) mkdirSync(join(place.path, 'root', name))
  }
  {
    await using storage = await place.open()
    expect(storage.driverName()).toBe('vfs')
    await storeImage(storage, 'example.org/a:1', smallImage('1'))
    expect(await storage.listMounts()).toEqual([])
  }
  using database = await openDatabase(path, first)
  expect(database.statement('SELECT count(*) AS count FROM images').get()).toEqual({ count: 1 })
  const version = Number(database.statement('PRAGMA user_version').get()?.['user_version'])
  expect([version & 0xffff, version >>> 16]).toEqual([storageSchema.migrations.length, 1])
})
