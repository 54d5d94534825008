import { isPodwrightError } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import { existsSync, lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { hasBlob } from '../blobs.ts'
import { hasLayer, readLayerRecord } from '../layers.ts'
import { directories, layerDirectory } from '../paths.ts'
import { change, optionalText, type Row, row, rows, type Store, text } from '../store.ts'
import { discard } from '../trash.ts'
import { type LayerPlan, unpackLayer } from '../unpack-layer.ts'
import { type Check, type Problem, tell } from './problem.ts'
import { verifyLayer } from './verify-layer.ts'

/** Layers that are recorded: their rows, their links, their trees. */
export async function* checkLayers(check: Check): AsyncGenerator<Problem> {
  const { store } = check
  yield* foreignLayers(check)
  for (const columns of rows(store.database, "SELECT * FROM layers WHERE id_map = '' ORDER BY chain_id")) {
    const chainId = text(columns['chain_id']) as Digest
    tell(check, 'check:layer', chainId)
    const link = linkProblem(store, columns)
    if (link !== undefined) yield link
    const missing = missingTree(store, chainId)
    if (missing !== undefined) yield brokenLayer(check, columns, 'layer-missing', missing)
    else if (check.options.full === true) {
      const changed = await changedTree(check, columns)
      if (changed !== undefined) yield changed
    }
  }
}

/** Layers that images need and that no row knows. */
export function* checkChains(check: Check): Generator<Problem> {
  const { store, parts } = check
  const seen = new Set<Digest>()
  for (const chain of parts.chains.values()) {
    for (const [index, { chainId, diffId }] of chain.entries()) {
      const recorded = [store, ...store.additional].some(
        ({ database }) => row(database, "SELECT 1 FROM layers WHERE chain_id = ? AND id_map = ''", chainId) !== undefined,
      )
      if (recorded || seen.has(chainId)) continue
      seen.add(chainId)
      const layer = { chainId, diffId, parent: chain[index - 1]?.chainId ?? null }
      const mend =
        readLayerRecord(store, chainId) === undefined ? unpackAgain(check, layer) : (): Promise<unknown> => hasLayer(store, chainId)
      const action = mend === undefined ? pullAction(check, chainId) : 'It is recorded again, from its directory or its blob.'
      yield {
        kind: 'layer-unrecorded',
        subject: chainId,
        reason: 'an image needs the layer, and it is not recorded',
        action,
        mend,
        ...users(check, chainId),
      }
    }
  }
}

/** Shifted variants are foreseen, and made by no driver yet. */
function* foreignLayers({ store }: Check): Generator<Problem> {
  for (const columns of rows(store.database, "SELECT * FROM layers WHERE id_map <> ''")) {
    const link = text(columns['link'])
    const mend = async (): Promise<void> => {
      await store.database.transaction(() => change(store.database, 'DELETE FROM layers WHERE link = ?', link))
      rmSync(store.paths.link(link), { force: true })
    }
    const reason = `it is a variant for the id map ${text(columns['id_map'])}, which no driver here makes`
    yield { kind: 'layer-foreign', subject: text(columns['chain_id']), reason, action: 'Its row is removed.', mend }
  }
}

function linkProblem(store: Store, columns: Row): Problem | undefined {
  const chainId = text(columns['chain_id']) as Digest
  const path = store.paths.link(text(columns['link']))
  const wanted = join('..', directories.layers, layerDirectory(chainId), 'diff')
  const actual = lstatSync(path, { throwIfNoEntry: false })
  const target = actual?.isSymbolicLink() === true ? readlinkSync(path) : undefined
  if (target === wanted) return undefined
  const reason = actual === undefined ? 'its short name is not there' : `its short name leads to ${target ?? 'what is no link'}`
  const mend = (): Promise<void> => {
    rmSync(path, { force: true, recursive: true })
    symlinkSync(wanted, path)
    return Promise.resolve()
  }
  return { kind: 'link-wrong', subject: chainId, reason, action: 'The link is made again.', mend }
}

function missingTree(store: Store, chainId: Digest): string | undefined {
  const path = store.paths.layer(chainId)
  if (!existsSync(path)) return 'its directory is not there'
  if (lstatSync(join(path, 'diff'), { throwIfNoEntry: false })?.isDirectory() !== true) return 'its directory has no tree'
  return readLayerRecord(store, chainId) === undefined ? 'its directory does not say what it is' : undefined
}

async function changedTree(check: Check, columns: Row): Promise<Problem | undefined> {
  const plan = planOf(check, columns)
  // Without the blob there is nothing to compare with; that it is missing is told elsewhere.
  if (plan === undefined) return undefined
  const changes = await verifyLayer(check.store, plan, false, check.options).catch(unlessDamaged)
  if (changes.length === 0) return undefined
  const reason = `its tree differs from its blob in ${changes.length} place${changes.length === 1 ? '' : 's'}: ${changes.slice(0, 5).join(', ')}`
  const mend = (): Promise<unknown> => verifyLayer(check.store, plan, true, check.options)
  const action = 'It is unpacked again from its blob. Containers that run on it must be started anew.'
  return { kind: 'layer-changed', subject: plan.chainId, reason, action, mend, ...users(check, plan.chainId) }
}

/** With a damaged blob nothing can be compared; that it is damaged is told elsewhere. */
function unlessDamaged(error: unknown): readonly string[] {
  if (isPodwrightError(error) && (error.code.startsWith('ERR_ARCHIVE_') || error.code === 'ERR_LAYER_DIFF_ID')) return []
  throw error
}

function brokenLayer(check: Check, columns: Row, kind: 'layer-missing', reason: string): Problem {
  const chainId = text(columns['chain_id']) as Digest
  const layer = {
    chainId,
    diffId: text(columns['diff_id']) as Digest,
    parent: (optionalText(columns['parent']) as Digest | undefined) ?? null,
  }
  const unpack = unpackAgain(check, layer)
  const forget = (): Promise<void> => forgetLayer(check.store, chainId, text(columns['link']))
  const mend =
    unpack === undefined
      ? undefined
      : async (): Promise<void> => {
          await forget()
          await unpack()
        }
  const action = mend === undefined ? pullAction(check, chainId) : 'It is unpacked again from its blob.'
  return { kind, subject: chainId, reason, action, mend, clear: forget, ...users(check, chainId) }
}

/** The row would keep a pull from unpacking it again. */
async function forgetLayer(store: Store, chainId: Digest, link: string): Promise<void> {
  await store.database.transaction(() => change(store.database, 'DELETE FROM layers WHERE chain_id = ?', chainId))
  rmSync(store.paths.link(link), { force: true })
  await discard(store, [store.paths.layer(chainId)])
}

/** Unpacks a layer from a kept blob; undefined when there is none. */
function unpackAgain({ store, options }: Check, layer: Omit<LayerPlan, 'descriptor'>): (() => Promise<unknown>) | undefined {
  const plan = withBlob(store, layer)
  if (plan === undefined) return undefined
  return async () => {
    await using session = await store.namespace.open({ signal: options.signal })
    await unpackLayer(store, plan, () => Promise.resolve(session), { signal: options.signal })
  }
}

function planOf({ store }: Check, columns: Row): LayerPlan | undefined {
  const parent = (optionalText(columns['parent']) as Digest | undefined) ?? null
  return withBlob(store, { chainId: text(columns['chain_id']) as Digest, diffId: text(columns['diff_id']) as Digest, parent })
}

/** Any form of the tar that is kept does. */
function withBlob(store: Store, layer: Omit<LayerPlan, 'descriptor'>): LayerPlan | undefined {
  const forms = rows(store.database, 'SELECT * FROM compressions WHERE diff_id = ?', layer.diffId).map((columns) => ({
    digest: text(columns['digest']) as Digest,
    mediaType: text(columns['media_type']),
    size: Number(columns['size_bytes']),
  }))
  const descriptor = forms.find(({ digest }) => hasBlob(store, digest))
  return descriptor === undefined ? undefined : { ...layer, descriptor }
}

function users({ parts }: Check, chainId: Digest): Pick<Problem, 'images' | 'pull'> {
  const images = [...parts.chains].filter(([, chain]) => chain.some((layer) => layer.chainId === chainId)).map(([id]) => id)
  return { images, pull: [...new Set(images.flatMap((id) => parts.pull.get(id) ?? []))] }
}

function pullAction(check: Check, chainId: Digest): string {
  return users(check, chainId).pull?.length === 0
    ? 'No blob of it is kept, and nothing says where it came from; its row is removed.'
    : 'No blob of it is kept: its row is removed, so that a pull brings it back.'
}
