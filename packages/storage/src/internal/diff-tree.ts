import type { DiffTreeOptions, TreeChange, TreeReference } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { changesTask, type PackedChange, type TreesToCompare } from '../tasks/tasks.ts'
import { runTask } from './run-task.ts'
import { optionalText, row, type Store } from './store.ts'
import { viewOf as treeViewOf } from './snapshot-base.ts'
import { type DirectoryTree, type EmptyTree, layersOf, openTree, requirePlan, visiblePaths } from './trees.ts'

const kinds = { A: 'added', C: 'changed', D: 'deleted' } as const

/** What differs, sorted by path. Where the driver keeps changes apart, only these are looked at. */
export async function diffTree(store: Store, tree: TreeReference, options: DiffTreeOptions): Promise<TreeChange[]> {
  const { layerFormat } = await store.driver()
  const apart = options.against === undefined && layerFormat.whiteouts === 'overlay' ? await changesApart(store, tree) : undefined
  const changes = apart === undefined ? await compare(store, tree, options) : (await runTask(store, changesTask, apart, options)).changes
  return sorted(changes)
}

/** By code units, which for paths is close enough to what people expect. */
function sorted(changes: readonly PackedChange[]): TreeChange[] {
  const all = changes.map(([kind, path]): TreeChange => ({ kind: kinds[kind], path: `/${Buffer.from(path, 'base64').toString()}` }))
  return all.toSorted((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)))
}

/** The directory that has nothing but the changes, and those below it; undefined when there is none. */
async function changesApart(store: Store, tree: TreeReference): Promise<TreesToCompare | undefined> {
  if ('snapshot' in tree) {
    const plan = requirePlan(store, tree.snapshot)
    const { upper } = treeViewOf(await store.driver(), plan)
    return upper === undefined ? undefined : { kind: 'upper', upper, lowers: plan.layers.map(({ path }) => path) }
  }
  const [top, second] = layersOf(store, tree)
  const [upper] = visiblePaths(store, top)
  return upper === undefined ? undefined : { kind: 'upper', upper, lowers: visiblePaths(store, second) }
}

async function compare(store: Store, tree: TreeReference, options: DiffTreeOptions): Promise<readonly PackedChange[]> {
  await using upper = await openTree(store, tree, options)
  await using lower = await openTree(store, options.against ?? below(store, tree), { signal: options.signal, idMap: upper.idMap })
  const trees = { kind: 'trees', lower: viewOf(lower), upper: viewOf(upper) } as const
  return (await runTask(store, changesTask, trees, options)).changes
}

function viewOf({ mounts, rootfs }: TreesView): TreesView {
  return { mounts, rootfs }
}

type TreesView = Extract<TreesToCompare, { kind: 'trees' }>['lower']

/** What a tree is compared with when nothing is said. */
export function below(store: Store, tree: TreeReference): TreeReference | EmptyTree | DirectoryTree {
  if (!('snapshot' in tree)) return { layer: layersOf(store, tree)[1] as Digest }
  const { base } = requirePlan(store, tree.snapshot)
  return base?.overlay === true ? { directory: base.directory } : { layer: topLayerOf(store, tree.snapshot) }
}

/** Of a snapshot that is there. */
export function topLayerOf(store: Store, key: string): Digest | undefined {
  return optionalText(row(store.database, 'SELECT top_layer FROM snapshots WHERE key = ?', key)?.['top_layer']) as Digest | undefined
}
