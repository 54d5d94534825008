import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { MountSpec, TreePlace } from '@podwright/contracts'
import {
  bindMount,
  changeDirectory,
  changeRoot,
  coverDirectory,
  createSpecialFiles,
  isSameProcess,
  joinMounts,
  makeMountReadOnly,
  type MountInfo,
  openFifo,
  openInRoot,
  parseMounts,
  readMounts,
  setPipeCapacity,
  unmountDetached,
  unshareMounts,
} from '@podwright/linux'
import { closeSync, constants, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { StorageError } from '../../errors.ts'
import { mount } from '../../tasks/mounts.ts'
import type { EnterTreeArgs } from '../tasks.ts'
import { hasEnteredTree, setEnteredTree } from './entered-tree.ts'
import { openMountPoint } from './mount-point.ts'

const pathOnly = 0o10000000
const pipeBytes = 1 << 20
const mostAttempts = 20

/** File systems in which there are no files, but what the kernel tells. */
const kernelTypes: ReadonlySet<string> = new Set(
  'proc sysfs cgroup cgroup2 devpts mqueue bpf debugfs tracefs securityfs configfs pstore efivarfs binfmt_misc fusectl'.split(' '),
)

/** The handler of `storage.treeEnter`. */
export async function enterTree({ place, volatileMounts, caller, input, output }: EnterTreeArgs, { signal }: AbortOptions): Promise<null> {
  if (caller === process.pid) throw new TypeError('a tree is gone into by a worker only: hand in an executor that starts one')
  if (hasEnteredTree()) throw new TypeError('this process has gone into a tree already')
  openLibrary()
  const pipes = { input: openFifo(input, 'read'), output: openFifo(output, 'write') }
  for (const fd of [pipes.input, pipes.output]) setPipeCapacity(fd, pipeBytes)
  const proc = openDirectory('/proc')
  const mounts = place.type === 'process' ? goIntoProcess(place) : await goIntoMounts(place, volatileMounts, { signal })
  signal?.throwIfAborted()
  dropProcesses(proc)
  closeSync(proc)
  setEnteredTree({ ...pipes, kernelDirectories: kernelDirectoriesOf(mounts) })
  return null
}

/** The C library is opened at its first call, and must not be one that the tree has. */
function openLibrary(): void {
  createSpecialFiles().listXattrs(Buffer.from('/'))
}

/** Into the root of a process, with a copy of the mounts that it sees. */
function goIntoProcess({ pid, startTime }: Extract<TreePlace, { type: 'process' }>): readonly MountInfo[] {
  const { root, namespace, mounts } = openProcess(pid, startTime)
  joinMounts(namespace)
  // Working directories are taken along into the copy; open descriptors are not.
  changeDirectory(root)
  unshareMounts()
  changeRoot('.')
  for (const fd of [root, namespace]) closeSync(fd)
  return mounts
}

function openProcess(
  pid: number,
  startTime: number,
): { readonly root: number; readonly namespace: number; readonly mounts: readonly MountInfo[] } {
  try {
    const opened = { root: openDirectory(`/proc/${pid}/root`), namespace: openSync(`/proc/${pid}/ns/mnt`, 'r'), mounts: readMounts(pid) }
    // Looked at last: a process that has taken over the number has another root.
    if (isSameProcess(pid, startTime)) return opened
  } catch (error) {
    if (isSameProcess(pid, startTime)) throw error
  }
  throw new StorageError('ERR_TREE_PROCESS_GONE', `cannot look at the files of process ${pid}: it has ended`, { retryable: true })
}

/**
 * Takes every /proc out of this process's copy of the mounts: its links to roots and open files of processes lead anywhere, whatever the root is. Others may
 * rename what is on the way meanwhile, so that it is looked at again.
 *
 * @param proc a descriptor of the host's
 */
function dropProcesses(proc: number): void {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const all = ownMounts(proc)
    const left = all.filter((own) => own.type === 'proc' && !all.some((above) => covers(above, own)))
    if (left.length === 0) return
    for (const { target } of left.toReversed()) {
      // Each by itself: what can't be taken down was made by somebody with another user namespace, and is put out of sight.
      if (!isDone(() => unmountDetached(target))) isDone(() => coverDirectory(target))
    }
  }
  throw new StorageError('ERR_MOUNT_FAILED', 'cannot look at the tree: /proc in it cannot be taken out of sight', { retryable: true })
}

/** Whether one mount is right on top of another, so that no path leads to that. */
function covers(above: MountInfo, { id, target }: MountInfo): boolean {
  return above.parentId === id && above.target === target
}

/** False when it was gone with one above it, is not ours to take, or was in the way of somebody who renames. */
function isDone(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (['EINVAL', 'ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return false
    throw error
  }
}

function ownMounts(proc: number): readonly MountInfo[] {
  const fd = openInRoot(proc, `${process.pid}/mountinfo`)
  try {
    return parseMounts(readFileSync(fd, 'utf8'))
  } finally {
    closeSync(fd)
  }
}

/** Into a directory, with what is mounted on it for this process alone. */
async function goIntoMounts(
  { mounts, rootfs, readOnly = false, binds }: Extract<TreePlace, { type: 'mounts' }>,
  volatileMounts: readonly MountSpec[] | undefined,
  options: AbortOptions,
): Promise<readonly MountInfo[]> {
  unshareMounts()
  await mountEither([volatileMounts, mounts], options)
  // To be made read-only, a directory has to be a mount.
  if (mounts.length === 0) bindMount(rootfs, rootfs, { withMounts: false })
  const root = openDirectory(rootfs)
  for (const bind of binds) {
    const target = openMountPoint(root, bind)
    if (target === undefined) continue
    try {
      if (bind.within !== undefined) bindWithin(bind.within, bind.source, `/proc/self/fd/${target}`)
      else bindMount(bind.source, `/proc/self/fd/${target}`)
    } finally {
      closeSync(target)
    }
    if (bind.readOnly) readOnlyAt(root, bind.target)
  }
  if (readOnly) makeMountReadOnly(rootfs, { withMounts: false })
  changeDirectory(root)
  changeRoot('.')
  closeSync(root)
  return []
}

/** Mounts the first that the kernel can: it has volatile overlays since 5.10. */
async function mountEither(
  [preferred, others]: readonly [readonly MountSpec[] | undefined, readonly MountSpec[]],
  options: AbortOptions,
): Promise<void> {
  if (preferred !== undefined) {
    try {
      return void (await mount({ mounts: preferred }, options))
    } catch {
      options.signal?.throwIfAborted()
    }
  }
  await mount({ mounts: others }, options)
}

/** What was opened is what is mounted, and the kernel tells where that is. */
function bindWithin(directory: string, source: string, target: string): void {
  const fd = openSync(source, pathOnly)
  try {
    if (readlinkSync(`/proc/self/fd/${fd}`) !== `${realpathSync(directory)}${source.slice(directory.length)}`) {
      throw new StorageError('ERR_TREE_PATH', `cannot mount ${source}: it was changed meanwhile`, { details: { source } })
    }
    bindMount(`/proc/self/fd/${fd}`, target)
  } finally {
    closeSync(fd)
  }
}

/** What is mounted there is reached by looking the place up once more: an open descriptor is of what is below it. */
function readOnlyAt(root: number, target: string): void {
  const fd = openMountPoint(root, { target, source: '', missingTarget: 'skip' })
  if (fd === undefined) return
  try {
    makeMountReadOnly(`/proc/self/fd/${fd}`)
  } finally {
    closeSync(fd)
  }
}

function openDirectory(path: string): number {
  return openSync(path, pathOnly | constants.O_DIRECTORY)
}

function kernelDirectoriesOf(mounts: readonly MountInfo[]): ReadonlySet<string> {
  const own = ({ type, target }: MountInfo): boolean => kernelTypes.has(type) || (type === 'tmpfs' && target === '/dev')
  return new Set(mounts.filter(own).map(({ target }) => target))
}
