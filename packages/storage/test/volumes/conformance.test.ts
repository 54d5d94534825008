import { volumeDriverSuite } from '@podwright/conformance'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createExecutableVolumeDriver, createLocalVolumeDriver } from '../../src/index.ts'
import { isRoot } from '../fixtures/host.ts'
import { testExecutor } from '../fixtures/test-executor.ts'

const home = mkdtempSync(join(tmpdir(), 'podwright-volume-driver-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const surroundings = {
  namespace: () => Promise.resolve(testExecutor),
  directory: () => Promise.resolve(mkdtempSync(join(home, 'volumes-'))),
}
const who = isRoot ? 'root' : 'rootless'

volumeDriverSuite(`local, ${who}`, { ...surroundings, createDriver: createLocalVolumeDriver })

volumeDriverSuite(`local in memory, ${who}`, {
  ...surroundings,
  createDriver: createLocalVolumeDriver,
  options: { type: 'tmpfs', o: 'mode=755' },
  refused: { type: 'tmpfs', size: '1m' },
  persistent: false,
})

const store = join(home, 'store')
mkdirSync(store)
const program = join(import.meta.dirname, '../../../../e2e/fixtures/volume-driver.py')
volumeDriverSuite(`a program of its own, ${who}`, {
  ...surroundings,
  createDriver: () => createExecutableVolumeDriver({ name: 'program', command: [program, store] }),
})
