import type { MountedImage, Storage, TreeMount } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { requireLocalImage } from './find-image.ts'

/** Who holds the mounts that people ask for. */
export const userHolder = 'user'

/** Mounts an image's tree, read-only. */
export async function mountImage(parts: EngineParts, reference: string, { signal }: AbortOptions): Promise<MountedImage> {
  const storage = await parts.storage()
  const { image } = requireLocalImage(storage, reference)
  const { path } = await storage.mountImage(image.id, { owner: userHolder, signal })
  return { image, path }
}

/** @returns false: it wasn't mounted by `mountImage` */
export async function unmountImage(
  parts: EngineParts,
  reference: string,
  { force = false, signal }: AbortOptions & { readonly force?: boolean | undefined },
): Promise<boolean> {
  const storage = await parts.storage()
  const { image } = requireLocalImage(storage, reference)
  const mounts = await storage.listMounts({ signal })
  const held = mounts.some((mount) => mount.image === image.id && (force || mount.owners.includes(userHolder)))
  if (!held) return false
  await storage.unmountImage(image.id, force ? { force, signal } : { owner: userHolder, signal })
  return true
}

export async function listImageMounts(parts: EngineParts, { signal }: AbortOptions): Promise<MountedImage[]> {
  const storage = await parts.storage()
  const mounts = await storage.listMounts({ signal })
  return mounts.flatMap((mount) => mountedImage(storage, mount) ?? [])
}

function mountedImage(storage: Storage, { image, path, readOnly }: TreeMount): MountedImage | undefined {
  const found = image === undefined || !readOnly ? undefined : storage.findImage(image)
  return found === undefined ? undefined : { image: found, path }
}
