import { type AbortOptions, isPodwrightError, messageOf, type PodwrightError } from '@podwright/conventions'
import type { MountSpec } from '@podwright/contracts'
import { bootId, isSameProcess, runTool } from '@podwright/linux'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import { type MountNamespace, readMountNamespace } from './mount-namespace.ts'
import { entriesOf, type LockedVolume, lockVolume, planOf, type VolumeContext } from './volume-context.ts'
import { checkHolder } from './volume-name.ts'

/** For whom something is mounted, and where: mounts go with the boot and with the namespace that they were made in. */
interface MountRecord {
  readonly bootId: string
  readonly namespace: string
}

/** A process that has a volume mounted while it works, in the place of a holder. */
const processHolder = /^process-(\d+)-(\d+)-\d+$/

/**
 * Has a volume's content where the answer says. What its driver wants mounted is mounted once, in the namespace that containers start from, for all who
 * have it mounted; somebody who is gone without having given it back doesn't count.
 */
export async function mountVolume(context: VolumeContext, name: string, holder: string, options: AbortOptions): Promise<string> {
  checkHolder(holder)
  using locked = await lockVolume(context, name, 'alone', options)
  const plan = planOf(context, name, locked.record)
  const driver = await context.driver(locked.record.driver)
  const view = await driver.view(plan, options)
  if (view.mounts.length === 0 && driver.attach === undefined) return view.path
  await driver.attach?.(plan, holder, options)
  const namespace = await readMountNamespace(context.namespace, options)
  const others = activeMounts(context, name).filter(
    (other) => other !== holder && recordOf(context, name, other)?.namespace === namespace.id,
  )
  if (others.length === 0) await unmountAll(context, view.mounts, namespace, options)
  if (others.length === 0 || !view.mounts.every(({ target }) => namespace.targets.has(target))) {
    await mountAll(context, name, view.mounts, options)
  }
  writeMount(context, name, holder, { bootId: bootId(), namespace: namespace.id })
  return view.path
}

/** Undoes `mountVolume`; whether it was mounted for this holder. */
export async function unmountVolume(context: VolumeContext, name: string, holder: string, options: AbortOptions): Promise<boolean> {
  const { mounts } = context.layout.files(name)
  if (!entriesOf(mounts).includes(holder)) return false
  using locked = await lockVolume(context, name, 'alone', options)
  const made = recordOf(context, name, holder)
  rmSync(join(mounts, holder), { force: true })
  const driver = await context.driver(locked.record.driver)
  if (activeMounts(context, name).length === 0) {
    // A clean-up that a monitor started sees the monitor's mounts: those of the others are left to the next mount, or removal.
    const namespace = await readMountNamespace(context.namespace, options)
    if (namespace.id === made?.namespace) await takeDown(context, locked, options)
  }
  await driver.detach?.(planOf(context, name, locked.record), holder, options)
  return true
}

/** Unmounts what is mounted of a volume where we are. The caller holds its lock, and has seen that nobody needs it. */
export async function takeDown(context: VolumeContext, { name, record }: LockedVolume, options: AbortOptions): Promise<void> {
  const { mounts } = await (await context.driver(record.driver)).view(planOf(context, name, record), options)
  if (mounts.length > 0) await unmountAll(context, mounts, await readMountNamespace(context.namespace, options), options)
  rmSync(context.layout.files(name).mounts, { recursive: true, force: true })
}

/** Those for whom it is mounted and who are still there. */
export function activeMounts(context: VolumeContext, name: string): string[] {
  return entriesOf(context.layout.files(name).mounts).filter((holder) => {
    if (recordOf(context, name, holder)?.bootId !== bootId()) return false
    const [, pid, start] = processHolder.exec(holder) ?? []
    return pid === undefined ? context.holders.isActive(holder) : isSameProcess(Number(pid), Number(start))
  })
}

async function mountAll(context: VolumeContext, name: string, mounts: readonly MountSpec[], options: AbortOptions): Promise<void> {
  const prefix = await context.namespace.prefix(options)
  for (const mount of mounts) {
    try {
      await run([...prefix, ...mountWords(mount)], mount.workingDirectory ?? '/', options)
    } catch (error) {
      throw mountFailed(name, mount, error)
    }
  }
}

/** Lazily: what a container that lives on has in its own namespace stays. */
async function unmountAll(
  context: VolumeContext,
  mounts: readonly MountSpec[],
  namespace: MountNamespace,
  options: AbortOptions,
): Promise<void> {
  const prefix = await context.namespace.prefix(options)
  for (const { target } of mounts.toReversed()) {
    if (namespace.targets.delete(target)) await run([...prefix, 'umount', '--lazy', '--', target], '/', options)
  }
}

function mountWords({ command, type, source, target, options }: MountSpec): readonly string[] {
  if (command !== undefined) return command
  const isBind = type === 'bind' || type === 'none'
  return ['mount', '-t', isBind ? 'none' : type, ...(options.length > 0 ? ['-o', options.join(',')] : []), '--', source, target]
}

async function run([tool = '', ...args]: readonly string[], cwd: string, options: AbortOptions): Promise<void> {
  await runTool(tool, args, { ...options, cwd })
}

function mountFailed(name: string, { type, source, target }: MountSpec, error: unknown): unknown {
  if (!isPodwrightError(error, 'ERR_TOOL_FAILED')) return error
  return new StorageError('ERR_VOLUME_MOUNT', `cannot mount the volume ${name} (${type} ${source}): ${reasonOf(error, target)}`, {
    cause: error,
    hint: `podwright volume inspect ${name} shows its options, which are those of mount(8).`,
    details: { name, type, source },
  })
}

/** mount(8) says who speaks and where it was to mount, then on lines of their own what else one may look at. */
function reasonOf(error: PodwrightError, target: string): string {
  const stderr = error.details['stderr']
  const [line = ''] = typeof stderr === 'string' ? stderr.trim().split('\n') : []
  return line === '' ? messageOf(error) : line.replace(/^mount: /, '').replace(`${target}: `, '')
}

function writeMount({ layout }: VolumeContext, name: string, holder: string, record: MountRecord): void {
  const { mounts } = layout.files(name)
  mkdirSync(mounts, { recursive: true, mode: 0o700 })
  writeFileSync(join(mounts, holder), JSON.stringify(record), { mode: 0o600 })
}

/** What was being written when a process died is for nobody. */
function recordOf({ layout }: VolumeContext, name: string, holder: string): MountRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(layout.files(name).mounts, holder), 'utf8')) as MountRecord
  } catch {
    return undefined
  }
}
