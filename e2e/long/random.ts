/** Randomness that comes again: the same seed gives the same numbers. */
export interface Random {
  /** At least 0, less than `limit`. */
  below(limit: number): number
  /** One of several. */
  one<Item>(items: readonly Item[]): Item
}

/** Mulberry32: 32 bits of state, even enough for moments and choices. */
export function seededRandom(seed: string): Random {
  let state = hash(seed)
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    below: (limit) => next() * limit,
    one: (items) => items[Math.floor(next() * items.length)]!,
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
