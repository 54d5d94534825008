import type { Descriptor, Platform } from './documents.ts'
import { isIndexMediaType, isManifestMediaType } from './media-types.ts'
import { normalizePlatform } from './platform.ts'

/**
 * Chooses the manifest of an index that runs best on a platform: the same os and architecture, and of the variants that it can run the highest.
 * `arm/v7` runs v7, v6 and v5; `amd64/v3` runs v3, v2 and the base; `arm64` is v8. Another architecture is never chosen, even where a
 * processor might run it (386 on amd64). With `os.version`, a candidate of the same one comes first. Among equals the first in the index wins. A
 * candidate that names no platform is taken when no other fits.
 */
export function matchPlatform(wanted: Platform, candidates: readonly Descriptor[]): Descriptor | undefined {
  const target = normalizePlatform(wanted)
  const fitting = candidates.flatMap((candidate) => {
    const rank = candidate.platform === undefined ? undefined : rankOf(target, normalizePlatform(candidate.platform))
    return rank === undefined ? [] : [{ candidate, rank }]
  })
  const best = fitting.reduce<(typeof fitting)[number] | undefined>(
    (chosen, next) => (chosen === undefined || next.rank < chosen.rank ? next : chosen),
    undefined,
  )
  return best?.candidate ?? candidates.find((candidate) => candidate.platform === undefined && isImage(candidate))
}

/** Whether an image of one platform runs on another, by the rules of `matchPlatform`. */
export function runsOn(image: Platform, host: Platform): boolean {
  return rankOf(normalizePlatform(host), normalizePlatform(image)) !== undefined
}

/** 0 fits best; undefined does not fit. */
function rankOf(target: Platform, offered: Platform): number | undefined {
  if (offered.os !== target.os || offered.architecture !== target.architecture) return undefined
  const position = runnableVariants(target).indexOf(offered.variant)
  if (position === -1) return undefined
  const otherVersion = target['os.version'] !== undefined && target['os.version'] !== offered['os.version']
  return position * 2 + (otherVersion ? 1 : 0)
}

/** Normalised variants that a platform can run, the best first. `undefined` is the base. */
function runnableVariants({ architecture, variant }: Platform): readonly (string | undefined)[] {
  const version = /^v(\d+)$/.exec(variant ?? '')?.[1]
  if (architecture === 'arm') return version === undefined ? [variant] : countDown(Number(version), 5)
  if (architecture === 'amd64') return version === undefined ? [variant] : [...countDown(Number(version), 2), undefined]
  if (architecture === 'arm64' && variant !== undefined) {
    const armVersion = Number(variant.slice(1))
    const below = Number.isInteger(armVersion) ? armVersion - 1 : Math.trunc(armVersion)
    return [variant, ...countDown(below, 9), undefined]
  }
  return variant === undefined ? [undefined] : [variant, undefined]
}

function countDown(from: number, to: number): string[] {
  return Array.from({ length: Math.max(0, Math.min(from - to + 1, 16)) }, (_, step) => `v${from - step}`)
}

function isImage({ mediaType }: Descriptor): boolean {
  return isManifestMediaType(mediaType) || isIndexMediaType(mediaType)
}
