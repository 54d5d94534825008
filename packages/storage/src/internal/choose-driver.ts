import type { AbortOptions } from '@podwright/conventions'
import type { StorageDriver, StorageDriverComponents, StorageDriverFactory, StorageDriverProbe } from '@podwright/contracts'
import type { Database } from '@podwright/linux'
import { mkdirSync } from 'node:fs'
import { release } from 'node:os'
import { StorageError } from '../errors.ts'
import type { StoragePaths } from './paths.ts'
import { change, row, optionalText, type Shelf } from './store.ts'
import { deleteTrees } from './trash.ts'

/** In the order in which they are tried. */
const builtIn: readonly (readonly [name: string, load: (minFreeBytes: number) => Promise<StorageDriverFactory>])[] = [
  ['overlay', async () => (await import('../drivers/overlay.ts')).createOverlayDriver],
  ['fuse-overlayfs', async () => (await import('../drivers/fuse-overlayfs.ts')).createFuseOverlayfsDriver],
  [
    'vfs',
    async (minFreeBytes) => {
      const { createVfsDriver } = await import('../drivers/vfs.ts')
      return (components) => createVfsDriver({ ...components, minFreeBytes })
    },
  ],
]

/** What choosing a driver takes. */
export interface DriverChoice {
  readonly database: Database
  readonly components: StorageDriverComponents
  readonly plugins: Readonly<Record<string, StorageDriverFactory>>
  /** The name asked for. */
  readonly asked: string | undefined
  readonly minFreeBytes: number
  /** A directory to try a driver in; it need not be there, and is gone afterwards. */
  readonly scratch: string
  readonly paths: StoragePaths
  readonly additional: readonly Shelf[]
}

/** The driver that the layers were written for. */
export function rememberedDriver(database: Database): string | undefined {
  return settingOf(database, 'driver')
}

function settingOf(database: Database, key: string): string | undefined {
  return optionalText(row(database, 'SELECT value FROM settings WHERE key = ?', key)?.['value'])
}

/** Whether anything depends on the driver that is remembered, or may soon. */
function isBound(database: Database): boolean {
  return ['layers', 'snapshots', 'leases'].some((table) => row(database, `SELECT 1 FROM ${table} LIMIT 1`) !== undefined)
}

/**
 * The driver to be used: what the layers were written for, else what was asked for, else the first that works. From then on it is remembered.
 *
 * @throws `ERR_STORAGE_DRIVER_MISMATCH`, `ERR_STORAGE_DRIVER_UNKNOWN`, `ERR_STORAGE_DRIVER_UNSUPPORTED`
 */
export async function chooseDriver(choice: DriverChoice, options: AbortOptions = {}): Promise<StorageDriver> {
  const remembered = rememberedDriver(choice.database)
  const differs = remembered !== undefined && choice.asked !== undefined && choice.asked !== remembered
  if (differs && isBound(choice.database)) throw mismatch(remembered, choice.asked)
  const name = choice.asked ?? remembered
  const driver = name === undefined ? await firstThatWorks(choice, options) : await thatOne(choice, name, options)
  const kind = layerKind(driver)
  if (remembered !== driver.name || settingOf(choice.database, 'layers') !== kind) {
    await choice.database.transaction(() => {
      setSetting(choice.database, 'driver', driver.name)
      setSetting(choice.database, 'layers', kind)
    })
  }
  if (choice.additional.length > 0) await useAdditional(choice, kind)
  return driver
}

async function useAdditional({ paths, additional }: DriverChoice, kind: string): Promise<void> {
  const { linkAdditionalStores, requireSameLayers } = await import('./additional-stores.ts')
  requireSameLayers(additional, kind)
  linkAdditionalStores(paths, additional)
}

/** What a driver writes layers like: for those who read them in another storage. */
function layerKind({ name, layerFormat: { whiteouts, xattrs } }: StorageDriver): string {
  return whiteouts === 'markers' ? name : `${name} ${xattrs}`
}

async function thatOne(choice: DriverChoice, name: string, options: AbortOptions): Promise<StorageDriver> {
  const driver = (await loadDriver(choice, name))?.(choice.components)
  if (driver === undefined) {
    const names = [...builtIn.map(([known]) => known), ...Object.keys(choice.plugins)]
    throw new StorageError('ERR_STORAGE_DRIVER_UNKNOWN', `cannot use the storage driver ${name}: there is none of that name`, {
      hint: `Known ones: ${names.join(', ')}.`,
    })
  }
  const probe = await tried(choice, driver, options)
  if (!probe.supported) throw unsupported(name, probe)
  return driver
}

async function firstThatWorks(choice: DriverChoice, options: AbortOptions): Promise<StorageDriver> {
  for (const [name] of builtIn) {
    const driver = (await loadDriver(choice, name))?.(choice.components)
    if (driver !== undefined && (await tried(choice, driver, options)).supported) return driver
  }
  throw new StorageError('ERR_STORAGE_DRIVER_UNSUPPORTED', 'cannot store images: no storage driver works on this host')
}

async function loadDriver(choice: DriverChoice, name: string): Promise<StorageDriverFactory | undefined> {
  if (Object.hasOwn(choice.plugins, name)) return choice.plugins[name]
  return builtIn.find(([known]) => known === name)?.[1](choice.minFreeBytes)
}

/** That a driver works is remembered for this kernel, so that it's tried once. That it doesn't isn't: somebody may be mending it. */
async function tried(choice: DriverChoice, driver: StorageDriver, options: AbortOptions): Promise<StorageDriverProbe> {
  const key = `works:${driver.name}`
  const kernel = release()
  if (row(choice.database, 'SELECT 1 FROM settings WHERE key = ? AND value = ?', key, kernel) !== undefined) return { supported: true }
  mkdirSync(choice.scratch, { mode: 0o700 })
  try {
    const probe = await driver.probe(choice.scratch, options)
    if (probe.supported) await remember(choice.database, key, kernel)
    return probe
  } finally {
    await deleteTrees(choice.components.namespace, [choice.scratch], options)
  }
}

async function remember(database: Database, key: string, value: string): Promise<void> {
  await database.transaction(() => setSetting(database, key, value))
}

/** Inside a transaction. */
function setSetting(database: Database, key: string, value: string): void {
  change(database, 'INSERT OR REPLACE INTO settings VALUES (?, ?)', key, value)
}

function mismatch(remembered: string, asked: string): StorageError {
  return new StorageError(
    'ERR_STORAGE_DRIVER_MISMATCH',
    `cannot use the storage driver ${asked}: what is stored was stored by ${remembered}`,
    { hint: `Leave the driver at ${remembered}, or use another root directory.`, details: { remembered, asked } },
  )
}

function unsupported(name: string, { reason, hint }: Extract<StorageDriverProbe, { supported: false }>): StorageError {
  return new StorageError('ERR_STORAGE_DRIVER_UNSUPPORTED', `cannot use the storage driver ${name}: ${reason}`, {
    ...(hint !== undefined && { hint }),
    details: { driver: name },
  })
}
