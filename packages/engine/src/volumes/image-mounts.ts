import type { ContainerMount, IdMap } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import type { CreateOptions } from '../containers/create.ts'
import { EngineError } from '../errors.ts'
import { ensureImage } from '../images/ensure-image.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'

/** A mount of an image that is here. */
type ImageMount = ContainerMount & { readonly type: 'image'; readonly source: string; readonly imageId: Digest }

/** The mounts of a container that is to be made, with the images among them here, by their ids. Nothing holds them yet. */
export async function fetchMountImages(parts: EngineParts, options: CreateOptions): Promise<CreateOptions['mounts']> {
  const { mounts = [], signal } = options
  const fetched: ContainerMount[] = []
  for (const mount of mounts) {
    if (mount.type !== 'image') {
      fetched.push(mount)
      continue
    }
    const { source = '', readOnly = true } = mount
    const { image } = await ensureImage(parts, source, { policy: 'missing', signal, ...options.pull })
    fetched.push({ ...mount, readOnly, imageId: image.id })
  }
  return fetched
}

/** Under the lock that keeps images: what was fetched may have been removed before it was taken. @throws `ERR_IMAGE_NOT_FOUND` */
export async function requireMountImages(parts: EngineParts, mounts: readonly ContainerMount[]): Promise<void> {
  const storage = await parts.storage()
  for (const { source, imageId } of mounts.filter(isImageMount)) {
    if (storage.findImage(imageId) !== undefined) continue
    throw new EngineError('ERR_IMAGE_NOT_FOUND', `the image ${source} was removed just now`, {
      retryable: true,
      details: { reference: source },
    })
  }
}

export function isImageMount(mount: ContainerMount): mount is ImageMount {
  return mount.type === 'image' && mount.imageId !== undefined
}

/** Has an image's tree where the answer says, for a container: shared by all that only read it, else the mount's own. */
export async function mountImageFor(
  parts: EngineParts,
  { id, settings }: Pick<ContainerRow, 'id'> & { readonly settings?: { readonly idMap?: IdMap | undefined } },
  { source, imageId, target, readOnly, options, subpath }: ImageMount,
  { signal }: AbortOptions,
): Promise<ContainerMount> {
  const mount = { owner: ownerOf(id, target), readOnly: readOnly !== false, idMap: settings?.idMap, signal }
  const { path } = await (await parts.storage()).mountImage(imageId, mount)
  const bind = { type: 'bind', target, readOnly: readOnly !== false, options } as const
  if (subpath === undefined) return { ...bind, source: path }
  // Nobody else writes to the tree, so that what is found stays.
  const { subpathIn } = await import('./subpath.ts')
  return { ...bind, source: await subpathIn(parts, { rootfs: path, mounts: [] }, subpath, { signal, what: `the image ${source}` }) }
}

/** Undoes `mountImageFor` for all of a container's. */
export async function unmountImages(parts: EngineParts, { id, mounts }: Pick<ContainerRow, 'id' | 'mounts'>): Promise<void> {
  const own = mounts.filter(isImageMount)
  if (own.length === 0) return
  const storage = await parts.storage()
  for (const { imageId, target } of own) {
    await storage.unmountImage(imageId, { owner: ownerOf(id, target) }).catch((error: unknown) => {
      if (!isPodwrightError(error, 'ERR_MOUNT_NOT_FOUND')) throw error
    })
  }
}

/** An image may be mounted twice in a container. */
function ownerOf(id: string, target: string): string {
  return `${id}:${target}`
}
