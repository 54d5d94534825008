import { EngineError } from '../errors.ts'
import type { EngineOptions } from '../options.ts'

/** What is kept free of a file system, for commands that have no option for it. */
export const minFreeVariable = 'PODWRIGHT_MIN_FREE'

const unitBytes: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/**
 * Bytes of the file system that are to stay free: as the options say, else the environment (`512m`); undefined: what storage keeps.
 *
 * @throws EngineError `ERR_ENGINE_ENVIRONMENT`
 */
export function minFreeBytes(
  { minFreeBytes: asked }: Pick<EngineOptions, 'minFreeBytes'>,
  environment: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const text = environment[minFreeVariable]
  if (asked !== undefined || text === undefined || text === '') return asked
  const [, digits, unit] = /^(\d+)([bkmgt]?)$/i.exec(text) ?? []
  const bytes = Number(digits) * unitBytes[unit?.toLowerCase() ?? '']!
  if (Number.isSafeInteger(bytes)) return bytes
  throw new EngineError(
    'ERR_ENGINE_ENVIRONMENT',
    `cannot use ${minFreeVariable}=${text}: it is not a number of bytes, such as 0, 512m or 2g`,
  )
}
