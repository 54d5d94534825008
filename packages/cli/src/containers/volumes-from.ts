import type { VolumesFrom } from '@podwright/contracts'
import { CliError } from '../errors.ts'

/**
 * Reads `--volumes-from CONTAINER[:OPTION,…]`.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`
 */
export function parseVolumesFrom(text: string): VolumesFrom {
  const [container = '', options = '', ...rest] = text.split(':')
  const words = options.split(',').filter((word) => word !== '')
  if (container === '' || rest.length > 0) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --volumes-from: it is not CONTAINER or CONTAINER:OPTIONS`)
  }
  // A label that containers share is what its mounts have already.
  const unknown = words.find((word) => !['ro', 'rw', 'z'].includes(word))
  if (unknown !== undefined) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid option "${unknown}" in --volumes-from ${text}: it is ro or rw`, {
      details: { option: unknown },
    })
  }
  if (words.includes('ro') && words.includes('rw')) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `ro and rw contradict each other in --volumes-from ${text}`)
  }
  return { container, ...(words.includes('ro') && { readOnly: true }), ...(words.includes('rw') && { readOnly: false }) }
}
