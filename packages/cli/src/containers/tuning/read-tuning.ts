import type { ContainerTuning } from '@podwright/contracts'
import { CliError } from '../../errors.ts'
import { readKernel } from './kernel.ts'
import { readNames } from './names.ts'
import { readProcess } from './process.ts'
import { readResources } from './resources.ts'
import type { TuningFlagValues } from './uses-tuning.ts'

/**
 * What these flags ask for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readTuning(flags: TuningFlagValues): ContainerTuning {
  return {
    ...readNames(flags),
    ...readProcess(flags),
    ...readKernel(flags),
    ...readResources(flags),
    ...(flags.annotation.length > 0 && { annotations: Object.fromEntries(flags.annotation.map(readAnnotation)) }),
  }
}

function readAnnotation(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --annotation: it is not NAME=VALUE`)
}
