import type { TreeChange } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { treeToRead } from '../trees.ts'
import { ownPaths } from './own-paths.ts'
import { onDirectory } from './directory-root.ts'
import { lookUpContainer } from './lookup.ts'
import { holdForReading } from './reading-lock.ts'

/** A container's tree as a tar, whether it runs or not. */
export async function* exportContainer(parts: EngineParts, reference: string, options: AbortOptions): AsyncGenerator<Uint8Array> {
  const { id } = lookUpContainer(await parts.store(), reference)
  using _reading = await holdForReading(parts, id, options)
  yield* (await parts.storage()).exportTree({ snapshot: id }, options)
}

/** What a container has changed of its image, or what differs from another container or image. */
export async function containerChanges(
  parts: EngineParts,
  reference: string,
  { against, signal }: AbortOptions & { readonly against?: string | undefined },
): Promise<readonly TreeChange[]> {
  const { id, name, settings } = lookUpContainer(await parts.store(), reference)
  const { root } = settings
  if (root?.overlay === false && against === undefined) throw onDirectory(`tell what ${name} has changed`, root)
  const own = ownPaths(settings)
  using _reading = await holdForReading(parts, id, { signal })
  using other = against === undefined ? undefined : await treeToRead(parts, against, { signal })
  const changes = await (await parts.storage()).diffTree({ snapshot: id }, { signal, against: other?.tree })
  return changes.filter(({ path }) => !own.some((place) => path === place || path.startsWith(`${place}/`)))
}
