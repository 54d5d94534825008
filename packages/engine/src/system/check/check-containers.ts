import { isPodwrightError } from '@podwright/conventions'
import type { ContainerMount, Storage } from '@podwright/contracts'
import { tryLockFile } from '@podwright/linux'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { isBeingMade } from '../../containers/creation-lock.ts'
import { containerFiles } from '../../containers/files.ts'
import { removeLocked } from '../../containers/finish.ts'
import { observe } from '../../containers/observe.ts'
import { requireSnapshot } from '../../containers/require-snapshot.ts'
import { recoverLocked } from '../../containers/sweep.ts'
import type { EngineParts } from '../../parts.ts'
import type { ContainerRecord } from '../../state/record.ts'
import { isVolumeMount } from '../../volumes/uses-volumes.ts'
import type { Check, Problem } from './problem.ts'

/** What is recorded of containers, and what of it isn't there. Those that somebody is at work on are left out. */
export async function* checkContainers({ parts }: Check): AsyncGenerator<Problem> {
  const store = await parts.store()
  for (const { id } of store.list()) {
    if (isBeingMade(parts.paths, id)) continue
    using lock = tryLockFile(containerFiles(parts.paths, id).stateLock)
    const record = lock === undefined ? undefined : store.get(id)
    if (record !== undefined) yield* checkContainer(parts, record)
    // Somebody has removed it meanwhile, and the file of the lock with it.
    else if (lock !== undefined) rmSync(lock.path, { force: true })
  }
}

async function* checkContainer(parts: EngineParts, record: ContainerRecord): AsyncGenerator<Problem> {
  const interrupted = interruption(parts, record)
  if (interrupted !== undefined) {
    yield interrupted
    return
  }
  yield* checkDirectory(parts, record)
  yield* checkTree(parts, record)
  yield* checkImage(await parts.storage(), record)
  for (const mount of record.mounts.filter(isVolumeMount)) yield* checkVolume(parts, record, mount)
}

/** Its name stands for it; its id is what files are named by. */
function subjectOf({ name, id }: ContainerRecord): string {
  return `${name} (${id})`
}

/** What a killed start or removal left. The next command that has to do with the container would mend it too. */
function interruption(parts: EngineParts, record: ContainerRecord): Problem | undefined {
  const base = { kind: 'garbage', subject: subjectOf(record) } as const
  if (record.status === 'removing') {
    const mend = (): Promise<void> => removeLocked(parts, record, observe(record, parts.evidence))
    return { ...base, reason: 'its removal was interrupted', action: 'It is removed.', mend }
  }
  if (record.status !== 'initialized' || record.pid !== 0) return undefined
  const mend = (): Promise<void> => recoverLocked(parts, record.id)
  return { ...base, reason: 'its start was interrupted', action: 'What was started of it is ended; it can be started again.', mend }
}

function* checkDirectory(parts: EngineParts, record: ContainerRecord): Generator<Problem> {
  const { directory } = containerFiles(parts.paths, record.id)
  if (existsSync(directory)) return
  const mend = async (): Promise<void> => void mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (record.startedAt === undefined) yield unfinished(record, mend)
  else {
    const action = 'An empty one is made; what the container wrote to its streams is lost.'
    yield {
      kind: 'container-directory-missing',
      subject: subjectOf(record),
      reason: `its directory ${directory} is not there`,
      action,
      mend,
    }
  }
}

async function* checkTree(parts: EngineParts, record: ContainerRecord): AsyncGenerator<Problem> {
  if (await hasTree(await parts.storage(), record.id)) return
  const mend = (): Promise<unknown> => requireSnapshot(parts, record)
  if (record.startedAt === undefined) yield unfinished(record, mend)
  else {
    const action = 'What it had written is lost; a new tree is made of its image, so that it can be started.'
    yield {
      kind: 'container-tree-missing',
      subject: subjectOf(record),
      reason: 'it has run, and its tree is not there',
      action,
      clear: mend,
    }
  }
}

/** One whose layers are missing has a tree that is damaged: the storage says so. */
async function hasTree(storage: Storage, id: string): Promise<boolean> {
  try {
    return (await storage.snapshot(id)) !== undefined
  } catch (error) {
    if (isPodwrightError(error, 'ERR_LAYER_NOT_FOUND')) return true
    throw error
  }
}

function unfinished(record: ContainerRecord, mend: () => Promise<unknown>): Problem {
  const action = 'It is made complete, as its first start would do.'
  return { kind: 'garbage', subject: subjectOf(record), reason: 'its creation was interrupted', action, mend }
}

function* checkImage(storage: Storage, record: ContainerRecord): Generator<Problem> {
  const { imageId, imageName } = record
  if (record.settings.root !== undefined || storage.findImage(imageId) !== undefined) return
  const pull = imageName.startsWith('sha256:') ? [] : [imageName]
  const action = pull.length > 0 ? 'Pull it again.' : 'The image had no name to pull it by: remove the container when it is not needed.'
  yield {
    kind: 'container-image-missing',
    subject: subjectOf(record),
    reason: `its image ${imageName} is not here`,
    action,
    images: [imageId],
    pull,
  }
}

async function* checkVolume(parts: EngineParts, record: ContainerRecord, { source, target }: ContainerMount): AsyncGenerator<Problem> {
  // Volumes are made with the container, or else at its first start.
  if (source === undefined || !existsSync(`${containerFiles(parts.paths, record.id).directory}/volumes-prepared`)) return
  if (await hasVolume(parts, source)) return
  const reason = `its volume ${source}, on ${target}, is not there`
  const action = `What was in it is lost. An empty one lets the container start: podwright volume create ${source}`
  yield { kind: 'volume-missing', subject: subjectOf(record), reason, action }
}

/** One whose record can't be read is there. */
async function hasVolume(parts: EngineParts, name: string): Promise<boolean> {
  try {
    return (await parts.volumes()).find(name) !== undefined
  } catch (error) {
    if (isPodwrightError(error, 'ERR_VOLUME_RECORD')) return true
    throw error
  }
}
