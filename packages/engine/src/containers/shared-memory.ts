import type { ContainerTuning } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { requireTool, runTool } from '@podwright/linux'
import { mkdirSync, rmSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'
import type { EnginePaths } from '../paths.ts'
import { type ContainerFiles, containerFiles } from './files.ts'
import { unmountRoot } from './unmount.ts'

const defaultBytes = 65_536 * 1024

/** Whether a container's /dev/shm is one that others have, too: it has to be mounted before the container's monitor has a mount namespace of its own. */
export function sharesMemory(tuning: ContainerTuning | undefined): boolean {
  const ipc = tuning?.ipcNamespace
  return ipc === 'shareable' || (typeof ipc === 'object' && 'container' in ipc)
}

/** The directory that is a container's /dev/shm; undefined when it gets one of its own. */
export function sharedMemory(paths: EnginePaths, { ipcNamespace }: ContainerTuning, own: ContainerFiles): string | undefined {
  if (ipcNamespace === 'shareable') return own.sharedMemory
  const isJoined = typeof ipcNamespace === 'object' && 'container' in ipcNamespace
  return isJoined ? containerFiles(paths, ipcNamespace.container).sharedMemory : undefined
}

/** Mounts the /dev/shm of a container that others may join, where monitors start from. What a killed start left is taken down first. */
export async function mountSharedMemory(
  parts: EngineParts,
  tuning: ContainerTuning | undefined,
  files: ContainerFiles,
  options: AbortOptions = {},
): Promise<void> {
  if (tuning?.ipcNamespace !== 'shareable') return
  await releaseSharedMemory(files)
  mkdirSync(files.sharedMemory, { mode: 0o700 })
  const size = `size=${Math.ceil((tuning.shmSizeBytes ?? defaultBytes) / 1024)}k`
  const prefix = await (await parts.namespace()).prefix(options)
  const words = `nosuid,nodev,noexec,mode=1777,${size}`
  const [tool = '', ...args] = [...prefix, requireTool('mount'), '-t', 'tmpfs', '-o', words, '--', 'shm', files.sharedMemory]
  await runTool(tool, args, { ...options, cwd: '/' })
}

/**
 * Takes it down, wherever it is mounted: the kernel unmounts what is mounted in other namespaces on a directory that is removed. Whoever has joined keeps
 * what is bound into the container.
 */
export async function releaseSharedMemory({ sharedMemory: target }: ContainerFiles): Promise<void> {
  await unmountRoot([{ type: 'tmpfs', source: 'shm', target, options: [] }])
  rmSync(target, { recursive: true, force: true })
}
