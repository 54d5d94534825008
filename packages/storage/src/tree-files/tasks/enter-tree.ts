import type { AbortOptions } from '@podwright/conventions'
import type { TreePlace } from '@podwright/contracts'
import {
  bindMount,
  changeRoot,
  createSpecialFiles,
  isSameProcess,
  makeMountReadOnly,
  type MountInfo,
  readMounts,
  setPipeCapacity,
  unshareMounts,
} from '@podwright/linux'
import { closeSync, constants, openSync } from 'node:fs'
import { StorageError } from '../../errors.ts'
import { mount } from '../../tasks/mounts.ts'
import type { EnterTreeArgs } from '../tasks.ts'
import { hasEnteredTree, setEnteredTree } from './entered-tree.ts'
import { openMountPoint } from './mount-point.ts'

const pathOnly = 0o10000000
const pipeBytes = 1 << 20

/** File systems in which there are no files, but what the kernel tells. */
const kernelTypes: ReadonlySet<string> = new Set(
  'proc sysfs cgroup cgroup2 devpts mqueue bpf debugfs tracefs securityfs configfs pstore efivarfs binfmt_misc fusectl'.split(' '),
)

/** The handler of `storage.treeEnter`. */
export async function enterTree({ place, caller, input, output }: EnterTreeArgs, { signal }: AbortOptions): Promise<null> {
  if (caller === process.pid) throw new TypeError('a tree is gone into by a worker only: hand in an executor that starts one')
  if (hasEnteredTree()) throw new TypeError('this process has gone into a tree already')
  openLibrary()
  const pipes = { input: openSync(input, 'r'), output: openSync(output, 'w') }
  for (const fd of [pipes.input, pipes.output]) setPipeCapacity(fd, pipeBytes)
  const [root, mounts] = place.type === 'process' ? openRootOf(place) : await mountTree(place, { signal })
  signal?.throwIfAborted()
  changeRoot(`/proc/self/fd/${root}`)
  closeSync(root)
  setEnteredTree({ ...pipes, kernelDirectories: kernelDirectoriesOf(mounts) })
  return null
}

/** The C library is opened at its first call, and must not be one that the tree has. */
function openLibrary(): void {
  createSpecialFiles().listXattrs(Buffer.from('/'))
}

function openRootOf({ pid, startTime }: Extract<TreePlace, { type: 'process' }>): readonly [number, readonly MountInfo[]] {
  try {
    const fd = openDirectory(`/proc/${pid}/root`)
    const mounts = readMounts(pid)
    // Looked at last: a process that has taken over the number has another root.
    if (isSameProcess(pid, startTime)) return [fd, mounts]
    closeSync(fd)
  } catch (error) {
    if (isSameProcess(pid, startTime)) throw error
  }
  throw new StorageError('ERR_TREE_PROCESS_GONE', `cannot look at the files of process ${pid}: it has ended`, { retryable: true })
}

async function mountTree(
  { mounts, rootfs, readOnly = false, binds }: Extract<TreePlace, { type: 'mounts' }>,
  options: AbortOptions,
): Promise<readonly [number, readonly MountInfo[]]> {
  unshareMounts()
  await mount({ mounts }, options)
  // To be made read-only, a directory has to be a mount.
  if (mounts.length === 0) bindMount(rootfs, rootfs, { withMounts: false })
  const root = openDirectory(rootfs)
  for (const bind of binds) {
    const target = openMountPoint(root, bind)
    if (target === undefined) continue
    try {
      bindMount(bind.source, `/proc/self/fd/${target}`)
    } finally {
      closeSync(target)
    }
    if (bind.readOnly) readOnlyAt(root, bind.target)
  }
  if (readOnly) makeMountReadOnly(rootfs, { withMounts: false })
  return [root, []]
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
