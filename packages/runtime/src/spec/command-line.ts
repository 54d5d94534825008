import type { ImageRunConfig } from '@podwright/oci'

/**
 * What runs: entrypoint and arguments by docker's rules.
 *
 * @throws `ERR_COMMAND_EMPTY`
 */
export function commandLine(input: {
  readonly image?: ImageRunConfig | undefined
  readonly entrypoint?: readonly string[] | undefined
  readonly command?: readonly string[] | undefined
}): readonly string[] {
  throw new Error(`unfinished ${String(input.command)}`)
}
