import { type Flags, pad } from './flags.ts'
import { canBackquote, quote } from './quote.ts'

/** A text as a verb has it; undefined when the verb is not for texts. */
export function formatString(text: string, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
      return flags.syntax ? pad(quote(text), flags) : pad(cut(text, flags), flags)
    case 's':
      return pad(cut(text, flags), flags)
    case 'q':
      return pad(quoted(cut(text, flags), flags), flags)
    case 'x':
    case 'X':
      return pad(hexBytes(new TextEncoder().encode(text), verb, flags), flags)
    default:
      return undefined
  }
}

/** Bytes in hexadecimal; with the flag ` ` apart from each other, with `#` after 0x. */
export function hexBytes(bytes: Uint8Array, verb: 'x' | 'X', { space, sharp, precision }: Flags): string {
  const shown = [...bytes.subarray(0, precision)].map((byte) => byte.toString(16).padStart(2, '0'))
  if (shown.length === 0) return ''
  const text = space ? shown.join(sharp ? ' 0x' : ' ') : shown.join('')
  const prefixed = sharp ? `0x${text}` : text
  return verb === 'X' ? prefixed.toUpperCase() : prefixed
}

/** A precision counts characters. */
function cut(text: string, { precision }: Flags): string {
  return precision === undefined ? text : Array.from(text).slice(0, precision).join('')
}

function quoted(text: string, { sharp, plus }: Flags): string {
  return sharp && canBackquote(text) ? `\`${text}\`` : quote(text, { ascii: plus })
}
