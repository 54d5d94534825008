import type { Snapshot } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'

/**
 * Where a path of a tree is on the host, without a link in it: looked up from inside the tree, so that no link leads out of it.
 *
 * @throws `ERR_CONTAINER_MOUNT_SOURCE` when nothing is there
 */
export async function subpathIn(
  parts: EngineParts,
  { rootfs, mounts }: Pick<Snapshot, 'rootfs' | 'mounts'>,
  subpath: string,
  { what, signal }: AbortOptions & { readonly what: string },
): Promise<string> {
  const storage = await parts.storage()
  await using tree = await storage.openTreeFiles({ type: 'mounts', rootfs, mounts, binds: [] }, { signal })
  const found = await tree.stat(`/${subpath}`, { followLink: true })
  if (found?.type === 'file' || found?.type === 'directory') return found.path === '/' ? rootfs : `${rootfs}${found.path}`
  throw new EngineError(
    'ERR_CONTAINER_MOUNT_SOURCE',
    `cannot mount ${subpath} of ${what}: ${found === undefined ? 'there is no such file or directory in it' : 'it is neither a file nor a directory'}`,
    { hint: 'A subpath is looked up from the root of what is mounted.', details: { subpath } },
  )
}
