import type { AbortOptions } from '@podwright/conventions'
import type { VolumeDriver, VolumePlan, VolumePluginVerbs, VolumeView } from '@podwright/contracts'
import { isAbsolute } from 'node:path'
import { StorageError } from '../errors.ts'
import { callPlugin } from './call-plugin.ts'

/** A volume driver that is a program of its own. */
export interface ExecutableVolumeDriverOptions {
  readonly name: string
  /** Program and arguments; it is run once for each call. */
  readonly command: readonly string[]
  /** How long one call may take. @default 120000 */
  readonly timeoutMs?: number | undefined
}

type Verb = keyof VolumePluginVerbs

/** A driver of volumes that speaks JSON: one request on its stdin, one response on its stdout (`VolumePluginVerbs` of @podwright/contracts). */
export async function createExecutableVolumeDriver(options: ExecutableVolumeDriverOptions): Promise<VolumeDriver> {
  const call = async <V extends Verb>(verb: V, args: VolumePluginVerbs[V]['args'], abort: AbortOptions = {}): Promise<unknown> =>
    callPlugin(options, verb, args, abort)
  const facts = describeFacts(options.name, await call('describe', {}))
  const told =
    (verb: 'create' | 'remove') =>
    async (plan: VolumePlan, abort?: AbortOptions): Promise<void> => {
      await call(verb, plan, abort)
    }
  const toldOf =
    (verb: 'attach' | 'detach') =>
    async (plan: VolumePlan, holder: string, abort?: AbortOptions): Promise<void> => {
      await call(verb, { ...plan, holder }, abort)
    }
  return {
    name: options.name,
    scope: facts.scope,
    renames: facts.renames,
    create: told('create'),
    remove: told('remove'),
    view: async (plan, abort) => checkView(options.name, await call('view', plan, abort)),
    ...(facts.attaches && { attach: toldOf('attach'), detach: toldOf('detach') }),
  }
}

function describeFacts(name: string, answer: unknown): { scope: 'local' | 'global'; renames: boolean; attaches: boolean } {
  const { scope, renames, attaches = false } = objectOf(name, 'describe', answer)
  if ((scope !== 'local' && scope !== 'global') || typeof renames !== 'boolean' || typeof attaches !== 'boolean') {
    throw badAnswer(name, 'describe', '"scope" is local or global, "renames" and "attaches" are true or false')
  }
  return { scope, renames, attaches }
}

function checkView(name: string, answer: unknown): VolumeView {
  const { path, mounts, copiesUp = true } = objectOf(name, 'view', answer)
  if (typeof path !== 'string' || !isAbsolute(path)) throw badAnswer(name, 'view', '"path" is an absolute path')
  if (!Array.isArray(mounts) || !mounts.every(isMount)) {
    throw badAnswer(name, 'view', '"mounts" is a list of {type, source, target, options}, the target an absolute path')
  }
  if (typeof copiesUp !== 'boolean') throw badAnswer(name, 'view', '"copiesUp" is true or false')
  return { path, mounts: mounts.map(({ type, source, target, options }) => ({ type, source, target, options })), copiesUp }
}

function isMount(value: unknown): value is VolumeView['mounts'][number] {
  if (typeof value !== 'object' || value === null) return false
  const { type, source, target, options } = value as Record<string, unknown>
  return (
    typeof type === 'string' &&
    /^[a-z0-9]/i.test(type) &&
    typeof source === 'string' &&
    typeof target === 'string' &&
    isAbsolute(target) &&
    Array.isArray(options) &&
    options.every((option) => typeof option === 'string')
  )
}

function objectOf(name: string, verb: Verb, answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>
  throw badAnswer(name, verb, 'the result is an object')
}

function badAnswer(name: string, verb: Verb, wanted: string): StorageError {
  return new StorageError('ERR_VOLUME_DRIVER_FAILED', `the volume driver ${name} gave a wrong answer to ${verb}: ${wanted}`, {
    details: { driver: name, verb },
  })
}
