import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { CreateVolumeOptions, Volume, VolumeDriver, VolumePlan, VolumeView } from '@podwright/contracts'
import type { FileLock } from '@podwright/linux'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { StorageError } from '../errors.ts'
import { fullOr } from '../internal/free-space.ts'
import { abandonVolume, discardRemains } from './remove-volume.ts'
import { describeVolume, lockIfThere, planOf, type VolumeContext } from './volume-context.ts'
import { anonymousName, checkHolder, checkVolumeName } from './volume-name.ts'
import { readRecord, syncDirectory, type VolumeRecord, writeRecord } from './volume-record.ts'

/** What a volume is made with. */
export interface MakeVolumeOptions extends CreateVolumeOptions {
  /** Uses it from its first moment, so that nobody takes it for unused. */
  readonly holder?: string | undefined
  /** Gives it content before anybody else sees it. */
  readonly fill?: ((plan: VolumePlan, view: VolumeView) => Promise<void>) | undefined
}

/** Makes a volume. Whoever makes the directory and holds its lock has the name; the record, which comes last, makes it a volume. */
export async function createVolume(context: VolumeContext, options: MakeVolumeOptions): Promise<Volume> {
  const name = options.name ?? anonymousName()
  checkVolumeName(name)
  if (options.holder !== undefined) checkHolder(options.holder)
  const driver = await context.driver(options.driver ?? 'local')
  refuseTaken(context, name, options)
  const lock = await takeName(context, name, options)
  try {
    const there = readRecord(context.layout.files(name).record)
    if (there !== undefined) return useExisting(context, name, there, options)
    await discardRemains(context, name)
    return await makeVolume(context, driver, name, options)
  } finally {
    lock.release()
  }
}

/** Before anything is locked: two who clone each other's names would wait for each other. */
function refuseTaken({ layout }: VolumeContext, name: string, { existing }: MakeVolumeOptions): void {
  if ((existing ?? 'refuse') === 'refuse' && existsSync(layout.files(name).record)) throw nameTaken(name)
}

async function takeName(context: VolumeContext, name: string, options: AbortOptions): Promise<FileLock> {
  const { layout } = context
  mkdirSync(layout.root, { recursive: true, mode: 0o700 })
  for (;;) {
    try {
      mkdirSync(layout.files(name).directory, { mode: 0o700 })
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw fullOr(error, `create the volume ${name}`)
    }
    // Gone again when somebody who removes volumes was in between.
    const lock = await lockIfThere(context, name, 'alone', options)
    if (lock !== undefined) return lock
  }
}

function useExisting(context: VolumeContext, name: string, record: VolumeRecord, options: MakeVolumeOptions): Volume {
  const { existing = 'refuse', holder } = options
  if (existing === 'refuse') throw nameTaken(name)
  const difference = differenceOf(record, options, existing === 'same')
  if (difference !== undefined) throw nameTaken(name, difference)
  if (holder !== undefined) addHolder(context, name, holder)
  return describeVolume(context, name, record)
}

function differenceOf(record: VolumeRecord, { driver, options, labels }: MakeVolumeOptions, strict: boolean): string | undefined {
  if (driver !== undefined && driver !== record.driver) return `its driver is ${record.driver}`
  if (!strict) return undefined
  if (options !== undefined && !isSame(options, record.options)) return 'its options are others'
  return labels !== undefined && !isSame(labels, record.labels) ? 'its labels are others' : undefined
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name])
}

/** The caller holds the lock, and nothing is left of others. */
async function makeVolume(context: VolumeContext, driver: VolumeDriver, name: string, options: MakeVolumeOptions): Promise<Volume> {
  const files = context.layout.files(name)
  const record: VolumeRecord = {
    version: 1,
    driver: driver.name,
    scope: driver.scope,
    options: options.options ?? {},
    labels: options.labels ?? {},
    createdAt: new Date(context.clock.now()).toISOString(),
    anonymous: options.anonymous ?? options.name === undefined,
  }
  const plan = planOf(context, name, record)
  try {
    writeRecord(files.pending, record)
    await driver.create(plan, { signal: options.signal })
    const view = await driver.view(plan, { signal: options.signal })
    if (options.fill !== undefined) await options.fill(plan, view)
    else if (view.copiesUp !== false) writeFileSync(files.needsCopyUp, '', { mode: 0o600 })
    if (options.holder !== undefined) addHolder(context, name, options.holder)
    const complete = { ...record, path: relativeIfInside(plan.directory, view.path) }
    writeRecord(files.pending, complete)
    renameSync(files.pending, files.record)
    syncDirectory(files.directory)
    syncDirectory(context.layout.root)
    return describeVolume(context, name, complete)
  } catch (error) {
    // What can't be given up now is found by the next sweep.
    await abandonVolume(context, name).catch(() => undefined)
    throw fullOr(error, `create the volume ${name}`)
  }
}

/** Notes who uses a volume. The caller holds its lock. */
export function addHolder({ layout }: VolumeContext, name: string, holder: string): void {
  const { holders } = layout.files(name)
  try {
    mkdirSync(holders, { recursive: true, mode: 0o700 })
    writeFileSync(`${holders}/${holder}`, '', { mode: 0o600 })
  } catch (error) {
    throw fullOr(error, `use the volume ${name}`)
  }
}

function relativeIfInside(directory: string, path: string): string {
  const inside = relative(directory, path)
  return inside === '' || inside.startsWith('..') ? path : inside
}

/** The error of a name that another volume has. */
export function nameTaken(name: string, difference?: string): StorageError {
  const but = difference === undefined ? '' : `, and ${difference}`
  return new StorageError('ERR_VOLUME_EXISTS', `cannot create the volume ${name}: there is one of that name${but}`, {
    hint: `podwright volume inspect ${name} shows it.`,
    details: { name },
  })
}
