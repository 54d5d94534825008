import type { CheckOptions, CheckReport, DamageFinding, GarbageItem } from '@podwright/contracts'
import { collectGarbage } from '../garbage.ts'
import { list } from '../on-disk.ts'
import { directories } from '../paths.ts'
import { row, type Store } from '../store.ts'
import { checkBlobs, checkManifestRows } from './check-blobs.ts'
import { checkChains, checkLayers } from './check-layers.ts'
import { checkDatabase, checkNames } from './check-rows.ts'
import { checkSnapshots } from './check-snapshots.ts'
import { type ImageParts, readParts } from './image-parts.ts'
import { type Check, type Problem, settle } from './problem.ts'

type Step = (check: Check) => AsyncIterable<Problem> | Iterable<Problem>

/** In this order: what comes later is mended by what came before, and is looked at as it is then. */
const steps: readonly Step[] = [checkDatabase, checkNames, checkManifestRows, checkBlobs, checkLayers, checkChains, checkSnapshots]

/** Looks for damage of every kind. */
export async function checkStorage(store: Store, options: CheckOptions): Promise<CheckReport> {
  await store.driver()
  const findings: DamageFinding[] = []
  const acts = options.repair === true && options.dryRun !== true
  let parts = readParts(store)
  for (const [index, step] of steps.entries()) {
    // What was mended may be part of others now.
    if (acts && index > 0) parts = readParts(store)
    const check: Check = { store, options, parts }
    for await (const problem of step(check)) if (!isExplained(problem, findings)) findings.push(await settle(problem, options))
  }
  const needed = neededItems(parts)
  findings.push(...(await garbageFindings(store, options)).filter(({ subject }) => !needed.has(subject)))
  return {
    findings,
    healthy: findings.every(({ kind, state }) => kind === 'garbage' || state === 'repaired'),
    images: count(store, 'images'),
    layers: count(store, 'layers'),
    blobs: list(store, directories.blobs).reduce((sum, algorithm) => sum + list(store, algorithm.slice(store.paths.root.length)).length, 0),
  }
}

/** A snapshot whose layers are only to be recorded again is well when they are. */
function isExplained({ kind }: Problem, findings: readonly DamageFinding[]): boolean {
  return kind === 'snapshot-broken' && findings.some((finding) => finding.kind === 'layer-unrecorded' && finding.state === 'repairable')
}

/** What images need is no garbage, though the rows that say so are gone. */
function neededItems({ manifests, chains }: ImageParts): ReadonlySet<string> {
  const blobs = manifests.flatMap(({ references = [] }) => references.map(({ digest }) => digest))
  const layers = [...chains.values()].flatMap((chain) => chain.map(({ chainId }) => chainId))
  return new Set([...blobs, ...layers])
}

async function garbageFindings(store: Store, options: CheckOptions): Promise<DamageFinding[]> {
  const acts = options.repair === true && options.dryRun !== true
  const { items } = await collectGarbage(store, { signal: options.signal, minAgeMs: options.minAgeMs, dryRun: !acts })
  return items.map((item) => garbageFinding(item, acts))
}

const reasons: Readonly<Record<GarbageItem['kind'], string>> = {
  blob: 'no manifest needs the blob',
  layer: 'no image and no snapshot needs the layer',
  snapshot: 'nobody owns it',
  partial: 'it was coming in, and nobody goes on with it',
  staging: 'it was being unpacked, and nobody goes on with it',
  trash: 'it was being deleted',
}

function garbageFinding({ kind, name }: GarbageItem, isTaken: boolean): DamageFinding {
  const action = 'It is deleted.'
  return { kind: 'garbage', subject: name, reason: reasons[kind], images: [], pull: [], state: isTaken ? 'repaired' : 'repairable', action }
}

function count({ database }: Store, table: 'images' | 'layers'): number {
  return Number(row(database, `SELECT count(*) AS count FROM ${table}`)?.['count'] ?? 0)
}
