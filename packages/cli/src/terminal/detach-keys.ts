import { CliError } from '../errors.ts'

/** `ctrl-` with one of these makes a control character (docker's and podman's list). */
const controls: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 }

/**
 * Reads `ctrl-p,ctrl-q`, `a`, `ctrl-@,x`: the bytes that, typed in this order, detach. Empty text: none do.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === '') return new Uint8Array()
  return Uint8Array.from(text.split(','), (key) => {
    const byte = keyByte(key)
    if (byte === undefined) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --detach-keys: "${key}" is no key`, {
        hint: 'Write single characters and ctrl-X, with X of a-z, @, [, \\, ], ^ or _, separated by commas: ctrl-p,ctrl-q',
      })
    }
    return byte
  })
}

function keyByte(key: string): number | undefined {
  if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0)
  const control = /^ctrl-(.)$/i.exec(key)?.[1]?.toLowerCase()
  if (control === undefined) return undefined
  return /[a-z]/.test(control) ? control.charCodeAt(0) - 96 : controls[control]
}
