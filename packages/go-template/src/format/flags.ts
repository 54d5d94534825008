/** What stands between `%` and its verb. */
export interface Flags {
  /** `-`: pads on the right. */
  minus: boolean
  /** `+`: a sign on every number; only ASCII in `%q`. */
  plus: boolean
  /** `#`: prefixes for numbers, raw quotes. */
  sharp: boolean
  /** ` `: room for a sign. */
  space: boolean
  /** `0`: pads numbers with zeros. */
  zero: boolean
  /** `%+v`: structs with the names of their fields. */
  named: boolean
  /** `%#v`: as Go's source would have it. */
  syntax: boolean
  width: number | undefined
  precision: number | undefined
}

/** No flag at all. */
export function noFlags(): Flags {
  return {
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    named: false,
    syntax: false,
    width: undefined,
    precision: undefined,
  }
}

/** Fills a text up to the width that was asked for; with the flag `0`, with zeros. */
export function pad(text: string, flags: Flags): string {
  return flags.zero && !flags.minus ? fill(text, flags, '0') : padSpaces(text, flags)
}

/** As `pad`, always with spaces: numbers put zeros behind their sign themselves. */
export function padSpaces(text: string, flags: Flags): string {
  return fill(text, flags, ' ')
}

function fill(text: string, { width = 0, minus }: Flags, filler: string): string {
  const missing = Math.max(0, width - lengthOf(text))
  return minus ? text + filler.repeat(missing) : filler.repeat(missing) + text
}

/** In characters, as Go counts. */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}
