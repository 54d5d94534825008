import type {
  LayerFormat,
  MountSpec,
  SnapshotPlan,
  SnapshotUsage,
  SnapshotView,
  StorageDriverFactory,
  StorageDriverProbe,
  StoragePluginVerbs,
} from '@podwright/contracts'
import { isAbsolute } from 'node:path'
import { callDriver, callDriverNow, driverFailed } from './call-driver.ts'

/** A storage driver that is a program of its own. */
export interface ExecutableDriverOptions {
  readonly name: string
  /** Program, absolute or on PATH, and arguments. It is run once for each call, as the namespace's root where files are touched. */
  readonly command: readonly string[]
  /** How long one call may take. @default 600000 */
  readonly timeoutMs?: number | undefined
}

type Verb = keyof StoragePluginVerbs

/**
 * Makes a storage driver of a program that speaks JSON (`StoragePluginVerbs` of @podwright/contracts): asks it once what it is.
 *
 * @throws `ERR_STORAGE_DRIVER_FAILED`
 */
export async function openExecutableDriver(options: ExecutableDriverOptions): Promise<StorageDriverFactory> {
  const { layerFormat, mapsIds } = checkFacts(options.name, await callDriver(options, [], 'describe', {}, {}))
  return ({ namespace }) => {
    const call = async (verb: Exclude<Verb, 'describe' | 'view'>, args: unknown, abort = {}): Promise<unknown> =>
      callDriver(options, await namespace.prefix(abort), verb, args, abort)
    const views = new Map<string, SnapshotView>()
    return {
      name: options.name,
      layerFormat,
      mapsIds,
      probe: async (directory, abort) => checkProbe(options.name, await call('probe', { directory }, abort)),
      prepare: async (plan, abort) => void (await call('prepare', plan, abort)),
      view(plan: SnapshotPlan) {
        const key = JSON.stringify(plan)
        const view = views.get(key) ?? checkView(options.name, callDriverNow(options, 'view', plan))
        views.set(key, view)
        return view
      },
      remove: async (directory, abort) => void (await call('remove', { directory }, abort)),
      usage: async (directory, abort) => checkUsage(options.name, await call('usage', { directory }, abort)),
    }
  }
}

function checkFacts(name: string, answer: unknown): { readonly layerFormat: LayerFormat; readonly mapsIds: boolean } {
  const { layerFormat, mapsIds } = objectOf(name, 'describe', answer)
  const { whiteouts, xattrs } = objectOf(name, 'describe', layerFormat)
  const isFormat = (whiteouts === 'overlay' || whiteouts === 'markers') && (xattrs === 'trusted' || xattrs === 'user')
  if (isFormat && typeof mapsIds === 'boolean') return { layerFormat: { whiteouts, xattrs }, mapsIds }
  throw wrongAnswer(name, 'describe', '"whiteouts" is overlay or markers, "xattrs" is trusted or user, "mapsIds" is true or false')
}

function checkProbe(name: string, answer: unknown): StorageDriverProbe {
  const { supported, reason, hint } = objectOf(name, 'probe', answer)
  if (supported === true) return { supported }
  if (supported === false && typeof reason === 'string') return { supported, reason, ...(typeof hint === 'string' && { hint }) }
  throw wrongAnswer(name, 'probe', '"supported" is true, or false with a "reason"')
}

function checkView(name: string, answer: unknown): SnapshotView {
  const { rootfs, mounts, layers, upper } = objectOf(name, 'view', answer)
  if (!isPath(rootfs)) throw wrongAnswer(name, 'view', '"rootfs" is an absolute path')
  if (!Array.isArray(mounts) || !mounts.every(isMount))
    throw wrongAnswer(name, 'view', '"mounts" is a list of {type, source, target, options}')
  if (!Array.isArray(layers) || !layers.every(isPath)) throw wrongAnswer(name, 'view', '"layers" is a list of absolute paths')
  if (upper !== undefined && upper !== null && !isPath(upper)) throw wrongAnswer(name, 'view', '"upper" is an absolute path')
  return { rootfs, mounts, layers, ...(isPath(upper) && { upper }) }
}

function checkUsage(name: string, answer: unknown): SnapshotUsage {
  const { sizeBytes, inodes } = objectOf(name, 'usage', answer)
  if (Number.isSafeInteger(sizeBytes) && Number.isSafeInteger(inodes)) return { sizeBytes: Number(sizeBytes), inodes: Number(inodes) }
  throw wrongAnswer(name, 'usage', '"sizeBytes" and "inodes" are numbers')
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value)
}

function isMount(value: unknown): value is MountSpec {
  if (typeof value !== 'object' || value === null) return false
  const { type, source, target, options, command, workingDirectory } = value as Record<string, unknown>
  const words = (list: unknown): boolean => Array.isArray(list) && list.every((word) => typeof word === 'string')
  const isComplete = typeof type === 'string' && !type.startsWith('-') && typeof source === 'string' && isPath(target) && words(options)
  return isComplete && (command === undefined || words(command)) && (workingDirectory === undefined || isPath(workingDirectory))
}

function objectOf(name: string, verb: Verb, answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>
  throw wrongAnswer(name, verb, 'it is an object')
}

function wrongAnswer(name: string, verb: Verb, wanted: string): Error {
  return driverFailed(name, verb, `its answer is wrong: ${wanted}`)
}
