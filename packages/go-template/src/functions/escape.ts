import { sprint } from '../format/printf.ts'

const htmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
}

const scriptEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', "'": String.raw`\'`, '"': String.raw`\"` }

/** `html X…`: safe between tags. */
export function html(...values: readonly unknown[]): string {
  // oxlint-disable-next-line no-control-regex -- NUL is what is looked for
  return shown(values).replace(/[&<>"'\0]/g, (character) => htmlEntities[character] ?? '')
}

/** `js X…`: safe in a string of JavaScript. */
export function js(...values: readonly unknown[]): string {
  return shown(values).replace(
    /[\\'"<>&=]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu,
    (character) => scriptEscapes[character] ?? unicodeEscape(character),
  )
}

/** `urlquery X…`: safe in the query of an URL. */
export function urlquery(...values: readonly unknown[]): string {
  return encodeURIComponent(shown(values).toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

/** As in the output: nil is no text. */
function shown(values: readonly unknown[]): string {
  return sprint(values.map((value) => value ?? '<no value>'))
}

function unicodeEscape(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
