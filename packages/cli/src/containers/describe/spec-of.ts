import type { ContainerDetails } from '@podwright/contracts'
import { CliError } from '../../errors.ts'

/**
 * The OCI runtime config that a container was started with last.
 *
 * @throws CliError `ERR_CLI_NOT_FOUND`
 */
export function specOf({ name, spec }: ContainerDetails): object {
  if (spec !== undefined) return spec
  throw new CliError('ERR_CLI_NOT_FOUND', `${name} has no runtime config yet: it is made when it is started`, {
    hint: `podwright describe ${name} prints the command that makes it.`,
  })
}
