import type { NamespaceTaskContext } from '@podwright/contracts'
import { copy } from './copy.ts'
import { withPrivateTrees } from './private-trees.ts'
import { syncTree } from './sync-tree.ts'
import type { MapArgs } from './tasks.ts'

/** The handler of `storage.map`. */
export async function map(
  { tree, directory, root, idMap, minFreeBytes }: MapArgs,
  context: Pick<NamespaceTaskContext<never>, 'signal'>,
): Promise<null> {
  await withPrivateTrees([tree], context, ([source = '']) =>
    copy({ layers: [source], directory, root, idMap, minFreeBytes, literal: true }, context),
  )
  await syncTree(directory)
  return null
}
