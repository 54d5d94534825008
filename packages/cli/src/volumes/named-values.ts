import { CliError } from '../errors.ts'

/**
 * Reads uses of a flag `NAME[=VALUE]`: two values of one name are one too many.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`
 */
export function readNamedValues(flag: string, texts: readonly string[]): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    const name = at < 0 ? text : text.slice(0, at)
    const value = at < 0 ? '' : text.slice(at + 1)
    if (name === '') throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${flag}: it is not NAME=VALUE`)
    if (values.has(name) && values.get(name) !== value) {
      throw new CliError('ERR_CLI_FLAG_CONFLICT', `${flag} gives ${name} two values: "${values.get(name)}" and "${value}"`)
    }
    values.set(name, value)
  }
  return Object.fromEntries(values)
}
