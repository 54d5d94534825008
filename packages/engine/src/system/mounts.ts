import type { MountedTree, Storage, TreeMount } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { lookUpContainer } from '../containers/lookup.ts'
import { observe } from '../containers/observe.ts'
import { requireSnapshot } from '../containers/require-snapshot.ts'
import { lockState } from '../containers/state-lock.ts'
import { EngineError } from '../errors.ts'
import { requireLocalImage } from '../images/find-image.ts'
import { mountImage, unmountImage, userHolder as owner } from '../images/mounts.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

/** Mounts the tree of a container, or else of an image. */
export async function mountTree(parts: EngineParts, reference: string, options: AbortOptions): Promise<MountedTree> {
  const record = await findContainer(parts, reference)
  if (record !== undefined) return mountContainer(parts, record, options)
  await requireInside(parts, reference, { needsMount: true })
  const { image, path } = await mountImage(parts, reference, options)
  return { kind: 'image', id: image.id, names: image.names, path }
}

/** Its state lock is held meanwhile, so that nobody starts or removes it. */
async function mountContainer(parts: EngineParts, { id, name }: ContainerRecord, options: AbortOptions): Promise<MountedTree> {
  await using _lock = await lockState(parts, id, options)
  const record = (await parts.store()).require(id)
  const storage = await parts.storage()
  const { mounts, rootfs } = await requireSnapshot(parts, record)
  const tree = { kind: 'container', id, names: [name] } as const
  await requireInside(parts, name, { needsMount: mounts.length > 0 })
  const isMounted = mounts.length > 0 && (await storage.listMounts(options)).some(({ snapshot }) => snapshot === id)
  // One that was mounted before it was started runs in that very mount.
  if (mounts.length > 0 && !isMounted) refuseRunning(parts, record)
  await storage.mountSnapshot(id, { owner, signal: options.signal })
  return { ...tree, path: rootfs }
}

/** Undoes `mountTree`. */
export async function unmountTree(
  parts: EngineParts,
  reference: string,
  options: AbortOptions & { readonly force?: boolean | undefined },
): Promise<MountedTree | undefined> {
  const record = await findContainer(parts, reference)
  const id = record?.id ?? requireLocalImage(await parts.storage(), reference).image.id
  const mounted = (await listTrees(parts, options)).find((tree) => tree.id === id)
  if (mounted === undefined) return undefined
  if (record === undefined) return (await unmountImage(parts, reference, options)) ? mounted : undefined
  await (await parts.storage()).unmountSnapshot(id, { owner, signal: options.signal })
  return mounted
}

/** What is mounted, containers first. */
export async function listTrees(parts: EngineParts, { signal }: AbortOptions): Promise<readonly MountedTree[]> {
  const storage = await parts.storage()
  const store = await parts.store()
  const trees = (await storage.listMounts({ signal })).flatMap((mount): MountedTree[] => {
    const row = mount.snapshot === undefined ? undefined : store.find(mount.snapshot)
    if (row !== undefined) return [{ kind: 'container', id: row.id, names: [row.name], path: mount.path }]
    return imageTree(storage, mount)
  })
  return trees.toSorted((one, other) => (one.kind < other.kind ? -1 : Number(one.kind > other.kind)))
}

function imageTree(storage: Storage, { image: id, path, readOnly }: TreeMount): MountedTree[] {
  const image = id === undefined || !readOnly ? undefined : storage.findImage(id)
  return image === undefined ? [] : [{ kind: 'image', id: image.id, names: image.names, path }]
}

async function findContainer(parts: EngineParts, reference: string): Promise<ContainerRecord | undefined> {
  try {
    return lookUpContainer(await parts.store(), reference)
  } catch (error) {
    if (isPodwrightError(error, 'ERR_CONTAINER_NOT_FOUND')) return undefined
    throw error
  }
}

/** A plain user has a mount namespace of the engine's, where nobody outside sees what is mounted. */
async function requireInside(parts: EngineParts, reference: string, { needsMount }: { readonly needsMount: boolean }): Promise<void> {
  if (!needsMount || (await (await parts.namespace()).prefix()).length === 0) return
  throw new EngineError(
    'ERR_MOUNT_OUTSIDE',
    `cannot mount ${reference}: what a plain user mounts is seen only inside the user namespace that containers' files belong to`,
    { hint: `Go there first: podwright unshare, then podwright mount ${reference}`, details: { reference } },
  )
}

/** Its tree is mounted where its monitor alone sees it, and a second mount of the same directories would not see what it changes. */
function refuseRunning(parts: EngineParts, record: ContainerRecord): void {
  const { pid } = observe(record, parts.evidence)
  if (pid === 0) return
  throw new EngineError('ERR_CONTAINER_RUNNING', `cannot mount ${record.name}: it is running, and was not mounted before it was started`, {
    hint: `Its tree is at /proc/${pid}/root while it runs.`,
    details: { id: record.id, pid },
  })
}
