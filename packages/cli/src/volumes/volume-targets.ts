import type { Engine } from '@podwright/contracts'
import { CliError } from '../errors.ts'

/**
 * The volumes that a command acts on: its arguments, or with `--all` every one.
 *
 * @throws CliError `ERR_CLI_ARGUMENTS`
 */
export async function volumeTargets(
  engine: Pick<Engine, 'volumes'>,
  { args, flags }: { readonly args: readonly string[]; readonly flags: { readonly all?: boolean | undefined } },
): Promise<readonly string[]> {
  if (args.length > 0 === (flags.all === true)) {
    throw new CliError('ERR_CLI_ARGUMENTS', 'name volumes, or give --all: one of them', {
      hint: "'podwright volume ls' shows the names there are.",
    })
  }
  return flags.all === true ? (await engine.volumes.list()).map(({ name }) => name) : args
}
