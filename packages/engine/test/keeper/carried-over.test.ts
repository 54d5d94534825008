import { openDatabase } from '@podwright/linux'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openContainerStore } from '../../src/state/container-store.ts'
import { engineSchema } from '../../src/state/schema.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'engine-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a database of before there were policies is carried over, and its containers are plain', async () => {
  const path = join(directory, 'engine.db')
  const before = { ...engineSchema, migrations: engineSchema.migrations.slice(0, 1) }
  const insert =
    'INSERT INTO containers (id, name, image_id, image_name, created_at, args, labels, network, auto_remove, settings, desired) ' +
    "VALUES ('a', 'old', 'sha256:1', 'x', 1, '[]', '{}', 'none', 0, '{}', 'running')"
  {
    using old = await openDatabase(path, before)
    await old.transaction(() => old.statement(insert).run())
  }
  {
    using store = await openContainerStore(path)
    expect(store.find('a')).toMatchObject({ name: 'old', desired: 'running' })
    expect(store.find('a')?.keeping).toBeUndefined()
    expect(store.kept()).toEqual([])
  }
  // A program of before can go on using it.
  using again = await openDatabase(path, before)
  expect(again.statement('SELECT name FROM containers').get()).toMatchObject({ name: 'old' })
})
