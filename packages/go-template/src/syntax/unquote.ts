const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

const escape = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/

/**
 * What stands between the quotes of a Go string or character; undefined when an escape is none. `\xNN` and `\NNN` are bytes: together they are read as
 * UTF-8.
 */
export function unquote(quoted: string): string | undefined {
  const quote = quoted[0] ?? ''
  const body = quoted.slice(1, -1)
  if (!body.includes('\\')) return body
  const pieces: (string | number)[] = []
  for (let at = 0; at < body.length;) {
    const next = body.indexOf('\\', at)
    if (next !== at) {
      pieces.push(body.slice(at, next < 0 ? undefined : next))
      at = next < 0 ? body.length : next
      continue
    }
    const match = escape.exec(body.slice(at, at + 10))
    const piece = match === null ? undefined : readEscape(match, quote)
    if (match === null || piece === undefined) return undefined
    pieces.push(piece)
    at += match[0].length
  }
  return joinBytes(pieces)
}

/** A number is a byte. */
function readEscape([, hex, short, long, octal, letter = '']: RegExpExecArray, quote: string): string | number | undefined {
  if (hex !== undefined) return Number.parseInt(hex, 16)
  if (octal !== undefined) return byteOf(Number.parseInt(octal, 8))
  const code = short ?? long
  if (code !== undefined) return codePoint(Number.parseInt(code, 16))
  if ((letter === "'" || letter === '"') && letter !== quote) return undefined
  return simple[letter]
}

function byteOf(value: number): number | undefined {
  return value > 0xff ? undefined : value
}

function codePoint(value: number): string | undefined {
  return value > 0x10_ff_ff || (value >= 0xd8_00 && value <= 0xdf_ff) ? undefined : String.fromCodePoint(value)
}

function joinBytes(pieces: readonly (string | number)[]): string {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('')
  const encoder = new TextEncoder()
  const bytes = pieces.flatMap((piece) => (typeof piece === 'number' ? [piece] : [...encoder.encode(piece)]))
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes))
}
