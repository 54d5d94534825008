/** The candidates that somebody may have meant by `typed`, the nearest first; at most three. */
export function suggest(typed: string, candidates: readonly string[]): readonly string[] {
  const limit = Math.max(1, Math.floor(typed.length / 3))
  const lengthGap = (candidate: string): number => Math.abs(candidate.length - typed.length)
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distanceOf(typed, candidate) }))
    .filter(({ candidate, distance }) => distance <= limit || (typed.length > 1 && candidate.startsWith(typed)))
    .toSorted((a, b) => a.distance - b.distance || lengthGap(a.candidate) - lengthGap(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** How many insertions, deletions, replacements and swaps of neighbours lead from `a` to `b` (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      let least = Math.min(replaced, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1)
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
