import type { AbortOptions } from '@podwright/conventions'
import { messageOf } from '@podwright/conventions'
import type { MountSpec } from '@podwright/contracts'
import { readMounts, runTool } from '@podwright/linux'
import { StorageError } from '../errors.ts'

/** The handler of `storage.mount`: what is mounted already stays. A failure takes down what was mounted before it. */
export async function mount({ mounts }: { readonly mounts: readonly MountSpec[] }, options: AbortOptions): Promise<null> {
  const done: string[] = []
  const there = mountedOf(mounts.map(({ target }) => target))
  try {
    for (const spec of mounts) {
      if (there.has(spec.target)) continue
      await mountOne(spec, options)
      done.push(spec.target)
    }
  } catch (error) {
    await unmountAll(done.toReversed()).catch(() => {})
    throw new StorageError('ERR_MOUNT_FAILED', `cannot mount the tree: ${messageOf(error)}`, { cause: error })
  }
  return null
}

async function mountOne({ command, type, source, target, options, workingDirectory }: MountSpec, abort: AbortOptions): Promise<void> {
  // util-linux 2.39 and later hand options over one by one, which the kernel takes up to 256 bytes each: too little for many layers.
  const environment = { ...abort, cwd: workingDirectory ?? '/', env: { ...definedEnv(), LIBMOUNT_FORCE_MOUNT2: 'always' } }
  if (command !== undefined) return void (await runTool(command[0] ?? '', command.slice(1), environment))
  if (type !== 'bind') return void (await runTool('mount', ['-t', type, '-o', options.join(','), '--', source, target], environment))
  await runTool('mount', ['--bind', '--', source, target], environment)
  if (options.includes('ro')) await runTool('mount', ['-o', 'remount,bind,ro', '--', target], environment)
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** The handler of `storage.unmount`: what isn't mounted is no error. Lazily: somebody may still stand in the tree. */
export async function unmount({ targets }: { readonly targets: readonly string[] }): Promise<null> {
  const there = mountedOf(targets)
  await unmountAll(targets.filter((target) => there.has(target)))
  return null
}

async function unmountAll(targets: readonly string[]): Promise<void> {
  for (const target of targets) await runTool('umount', ['--lazy', '--', target], { cwd: '/' })
}

/** The handler of `storage.mounted`. */
export function mounted({ targets }: { readonly targets: readonly string[] }): Promise<{ readonly mounted: readonly string[] }> {
  return Promise.resolve({ mounted: [...mountedOf(targets)] })
}

function mountedOf(targets: readonly string[]): ReadonlySet<string> {
  const all = new Set(readMounts().map(({ target }) => target))
  return new Set(targets.filter((target) => all.has(target)))
}
