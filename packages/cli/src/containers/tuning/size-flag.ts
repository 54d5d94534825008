import { CliError } from '../../errors.ts'

const units = ['', 'k', 'm', 'g', 't', 'p']

/**
 * Bytes of `512m`, `1.5g`, `64kb`, `1GiB`: units are powers of 1024, as docker and podman have them here.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function readSize(flag: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,15}(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? []
  const bytes = Math.floor(Number(number) * 1024 ** units.indexOf(unit.toLowerCase()))
  if (number !== '' && Number.isSafeInteger(bytes)) return bytes
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${flag}: it is no size like 512m or 2g`, {
    details: { flag, value: text },
  })
}
