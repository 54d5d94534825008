import type { PrunedEngine, PrunedVolumes, PruneEngineOptions, PruneFilters, Volume } from '@podwright/contracts'
import { pruneContainers } from '../containers/prune.ts'
import { pruneImages } from '../images/prune.ts'
import { hasLabel } from '../labels.ts'
import type { EngineOptions } from '../options.ts'
import type { EngineParts } from '../parts.ts'
import { pruneVolumes } from '../volumes/volumes.ts'
import { withSharedWorker } from './shared-worker.ts'

/** Removes what nobody uses, in this order: what goes first is what keeps the rest in use. */
export function pruneEngine(parts: EngineParts, engine: EngineOptions, options: PruneEngineOptions): Promise<PrunedEngine> {
  return withSharedWorker(parts, engine, async (shared) => {
    const containers = await pruneContainers(shared, options)
    // A dry run leaves them there.
    const withoutContainers = new Set(options.dryRun === true ? containers.containers.map(({ id }) => id) : [])
    // Before the images, whose own prune would take it uncounted.
    const garbage = await collectGarbage(shared, options)
    const images = await pruneImages(shared, { ...options, withoutContainers })
    const volumes = options.volumes === true ? await pruneAnonymous(shared, options, withoutContainers) : { volumes: [], freedBytes: 0 }
    const freedBytes = containers.freedBytes + garbage.freedBytes + images.freedBytes + volumes.freedBytes
    return { containers, garbage, images, volumes, freedBytes }
  })
}

/** What crashes left. It has neither labels nor a date that filters could mean, so that they leave it. */
async function collectGarbage(parts: EngineParts, options: PruneEngineOptions): Promise<PrunedEngine['garbage']> {
  const snapshotKeys = new Set((await parts.store()).list().map(({ id }) => id))
  return (await parts.storage()).collectGarbage({ snapshotKeys, dryRun: options.dryRun, signal: options.signal })
}

async function pruneAnonymous(
  parts: EngineParts,
  options: PruneEngineOptions,
  withoutContainers: ReadonlySet<string>,
): Promise<PrunedVolumes> {
  const filter = (volume: Volume): boolean => volume.anonymous && passes(volume, options)
  return pruneVolumes(await parts.volumes(), { filter, withoutContainers, dryRun: options.dryRun, signal: options.signal })
}

function passes({ createdAt, labels }: Volume, { until, labels: wanted = [], notLabels = [] }: PruneFilters): boolean {
  if (until !== undefined && createdAt >= until) return false
  return wanted.every((label) => hasLabel(labels, label)) && !notLabels.some((label) => hasLabel(labels, label))
}
