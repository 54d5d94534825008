import { DistributionError } from '../../errors.ts'

/**
 * Holds names of an artifact's files against what could be written below a directory, on any system.
 *
 * @param operation for messages, "cannot …"
 * @throws DistributionError `ERR_ARTIFACT_INVALID`
 */
export function checkTitles(titles: readonly string[], operation: string): void {
  const seen = new Set<string>()
  for (const title of titles) {
    if (!isContained(title)) throw invalid(operation, `its file ${JSON.stringify(title.slice(0, 200))} has a name that leads elsewhere`)
    // Two names that differ in case only are one file on many machines.
    const folded = title.toLowerCase()
    if (seen.has(folded)) throw invalid(operation, `two of its files are called ${JSON.stringify(title)}`)
    seen.add(folded)
  }
  for (const title of seen) {
    const above = ancestorsOf(title).find((ancestor) => seen.has(ancestor))
    if (above !== undefined) throw invalid(operation, `${JSON.stringify(above)} is to be a file and a directory`)
  }
}

/** `a/b/c`: `a`, `a/b`. */
export function ancestorsOf(title: string): string[] {
  const parts = title.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Relative, parted by `/`, no part that leads up, no drive, no stream, no control character. */
function isContained(title: string): boolean {
  if (title.length > 4096 || /[\p{Cc}\\:]/u.test(title)) return false
  return title.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function invalid(operation: string, reason: string): DistributionError {
  return new DistributionError('ERR_ARTIFACT_INVALID', `cannot ${operation}: ${reason}`)
}
