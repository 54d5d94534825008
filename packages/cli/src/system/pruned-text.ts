import type { GarbageReport, PrunedEngine } from '@podwright/contracts'
import { removalLines } from '../images/removal-lines.ts'
import { humanSize } from '../render/size.ts'
import { counted } from './counted.ts'

/** What `system prune` removed, or would, under docker's headings. */
export function prunedText({ containers, volumes, images, garbage, freedBytes }: PrunedEngine, dryRun: boolean): string {
  const verb = dryRun ? 'Would delete' : 'Deleted'
  const sections = [
    section(
      dryRun ? `${verb} containers:` : 'Deleted Containers:',
      containers.containers.map(({ id }) => id),
    ),
    section(
      dryRun ? `${verb} volumes:` : 'Deleted Volumes:',
      volumes.volumes.map(({ name }) => name),
    ),
    section(dryRun ? `${verb} images:` : 'Deleted Images:', removalLines(images, dryRun)),
    garbage.items.length === 0 ? '' : `${verb} what interrupted commands left: ${garbageText(garbage)}\n\n`,
  ]
  return `${sections.join('')}Total reclaim${dryRun ? 'able' : 'ed'} space: ${humanSize(freedBytes)}\n`
}

function section(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${heading}\n${lines.map((line) => `${line}\n`).join('')}\n`
}

function garbageText({ blobs, layers, snapshots, items }: GarbageReport): string {
  const counts: readonly (readonly [number, string])[] = [
    [blobs, 'blob'],
    [layers, 'layer'],
    [snapshots, 'snapshot'],
    [items.length - blobs - layers - snapshots, 'unfinished piece'],
  ]
  return counts
    .filter(([count]) => count > 0)
    .map(([count, noun]) => counted(count, noun))
    .join(', ')
}
