import type { CheckEngineOptions, CheckReport, EngineCheck, EngineFinding } from '@podwright/contracts'
import type { EngineOptions } from '../../options.ts'
import type { EngineParts } from '../../parts.ts'
import { withSharedWorker } from '../shared-worker.ts'
import { checkContainers } from './check-containers.ts'
import { checkLocks } from './check-locks.ts'
import { checkSnapshots } from './check-snapshots.ts'
import { checkStrays } from './check-strays.ts'
import { checkVolumes } from './check-volumes.ts'
import { openForCheck } from './damaged-databases.ts'
import { acts, type Check, settle, type Step } from './problem.ts'

/** In this order: a stray container's snapshot is garbage once its directory is gone. */
const steps: readonly Step[] = [checkContainers, checkStrays, checkSnapshots, checkLocks, checkVolumes]

/** Looks for damage of every kind: databases that can't be opened first, then the storage's, then what ties containers to all of it. */
export async function checkEngine(parts: EngineParts, engine: EngineOptions, options: CheckEngineOptions): Promise<EngineCheck> {
  await using opened = await openForCheck(parts, engine, options)
  if (opened.parts === undefined) return report(opened.findings, { images: 0, layers: 0, blobs: 0, containers: 0, volumes: 0 })
  return await withSharedWorker(opened.parts, engine, (shared) => checkOpen({ parts: shared, options }, opened.findings))
}

async function checkOpen(check: Check, before: readonly EngineFinding[]): Promise<EngineCheck> {
  const storage = await checkStorage(check)
  const findings: EngineFinding[] = [...before, ...storage.findings]
  for (const step of steps) {
    for await (const problem of step(check)) {
      check.options.signal?.throwIfAborted()
      const finding = await settle(problem, check.options)
      if (!isSaid(finding, findings)) findings.push(finding)
    }
  }
  const { images, layers, blobs } = storage
  const containers = (await check.parts.store()).list().length
  const volumes = (await check.parts.volumes()).list().length
  return report(findings, { images, layers, blobs, containers, volumes })
}

async function checkStorage({ parts, options }: Check): Promise<CheckReport> {
  const { quick = false, signal, onProgress, minAgeMs, dryRun } = options
  return (await parts.storage()).check({ full: !quick, repair: acts(options), dryRun, signal, onProgress, minAgeMs })
}

/** The storage says that a snapshot is gone, or that nobody needs something; that a container misses it follows. */
function isSaid({ kind, subject }: EngineFinding, findings: readonly EngineFinding[]): boolean {
  if (kind === 'garbage') return findings.some((other) => other.kind === kind && other.subject === subject)
  return kind === 'container-tree-missing' && findings.some((other) => other.kind === 'snapshot-missing' && subject.includes(other.subject))
}

function report(findings: readonly EngineFinding[], counts: Omit<EngineCheck, 'findings' | 'healthy'>): EngineCheck {
  return { findings, healthy: findings.every(({ kind, state }) => kind === 'garbage' || state === 'repaired'), ...counts }
}
