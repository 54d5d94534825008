import { type TreeChange, treeChanges, upperChanges } from '@podwright/archive'
import type { AbortOptions } from '@podwright/conventions'
import { createSpecialFiles } from '@podwright/linux'
import { withPrivateTrees } from './private-trees.ts'
import type { PackedChange, TreesToCompare } from './tasks.ts'

/** The handler of `storage.changes`. */
export async function changes(trees: TreesToCompare, options: AbortOptions): Promise<{ readonly changes: readonly PackedChange[] }> {
  const special = createSpecialFiles()
  if (trees.kind === 'upper') return collect(upperChanges(trees.upper, trees.lowers, { special, signal: options.signal }))
  return withPrivateTrees([trees.lower, trees.upper], options, ([lower = '', upper = '']) =>
    collect(treeChanges(lower, upper, { special, signal: options.signal })),
  )
}

async function collect(found: AsyncIterable<TreeChange>): Promise<{ readonly changes: readonly PackedChange[] }> {
  const all: PackedChange[] = []
  for await (const { kind, path } of found) all.push([kind, Buffer.from(path).toString('base64')])
  return { changes: all }
}
