const named: Readonly<Record<string, string>> = {
  '\u0007': String.raw`\a`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\v': String.raw`\v`,
  '\\': '\\\\',
}

/** What Go does not print as it is: all but letters, marks, numbers, signs and the space. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** Options of `quote`. */
export interface QuoteOptions {
  /** @default '"' */
  readonly mark?: '"' | "'"
  /** Everything beyond ASCII is escaped. @default false */
  readonly ascii?: boolean
}

/** A text between quotes, as Go writes it. */
export function quote(text: string, { mark = '"', ascii = false }: QuoteOptions = {}): string {
  let quoted: string = mark
  for (const character of text) quoted += quotedCharacter(character, mark, ascii)
  return quoted + mark
}

/** Whether a text can stand between backquotes. */
export function canBackquote(text: string): boolean {
  return !/[`\u007f\uFEFF]/.test(text) && !/[^\P{Cc}\t]/u.test(text)
}

/** A character as `%c` prints it: U+FFFD for what is none. */
export function characterOf(point: bigint): string {
  const isOne = point >= 0n && point <= 0x10_ff_ffn && (point < 0xd8_00n || point > 0xdf_ffn)
  return isOne ? String.fromCodePoint(Number(point)) : '\uFFFD'
}

function quotedCharacter(character: string, mark: string, ascii: boolean): string {
  if (character === mark) return `\\${character}`
  const known = named[character]
  if (known !== undefined) return known
  const point = character.codePointAt(0) ?? 0
  if (!unprintable.test(character) && !(ascii && point > 0x7e)) return character
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`
  return point > 0xff_ff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`
}

function hex(point: number, digits: number): string {
  return point.toString(16).padStart(digits, '0')
}
