import type { AbortOptions } from '@podwright/conventions'
import type { DirectoryAttributes, NamespaceExecutor, SnapshotPlan, SnapshotUsage } from '@podwright/contracts'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setAttributes } from '../tasks/attributes.ts'
import { attributesTask, usageTask } from '../tasks/tasks.ts'

/** What a driver that stacks directories keeps in a snapshot's. All absolute. */
export interface StackedDirectories {
  /** What is mounted on. */
  readonly rootfs: string
  readonly upper: string
  readonly work: string
}

export function stackedDirectories({ directory }: Pick<SnapshotPlan, 'directory'>): StackedDirectories {
  return { rootfs: join(directory, 'merged'), upper: join(directory, 'upper'), work: join(directory, 'work') }
}

/** Makes them from outside the namespace: its root is us. Only an upper directory of another owner has to be made inside. */
export async function makeStackedDirectories(namespace: NamespaceExecutor, plan: SnapshotPlan, options: AbortOptions): Promise<void> {
  const { rootfs, upper, work } = stackedDirectories(plan)
  for (const path of [rootfs, upper, work]) mkdirSync(path, { mode: 0o700 })
  await giveAttributes(namespace, upper, plan.root, options)
}

export async function giveAttributes(
  namespace: NamespaceExecutor,
  directory: string,
  attributes: DirectoryAttributes,
  options: AbortOptions,
): Promise<void> {
  if (!namespace.rootless) return void (await setAttributes({ directory, attributes }))
  if (attributes.uid === 0 && attributes.gid === 0) return chmodSync(directory, attributes.mode)
  await namespace.run(attributesTask, { directory, attributes }, options)
}

export function snapshotUsage(namespace: NamespaceExecutor, path: string, options: AbortOptions): Promise<SnapshotUsage> {
  return namespace.run(usageTask, { path }, options)
}
