import type { SkippedItem } from '@podwright/archive'
import type { SkippedTreeFile } from '@podwright/contracts'

const mostItems = 100

/** What was left out, as it crosses processes: the first hundred. */
export function skippedOf(items: readonly SkippedItem[]): readonly SkippedTreeFile[] {
  return items.slice(0, mostItems).map(({ name, what, reason }) => ({ name: Buffer.from(name).toString(), what, reason }))
}
