import type { ImageRunConfig } from '@podwright/oci'
import { RuntimeError } from '../errors.ts'

/**
 * What runs: entrypoint and arguments by docker's rules. An entrypoint of the caller's takes the image's Cmd away with the image's
 * Entrypoint; `[]` and `['']` leave none.
 *
 * @throws `ERR_COMMAND_EMPTY`
 */
export function commandLine(input: {
  readonly image?: ImageRunConfig | undefined
  readonly entrypoint?: readonly string[] | undefined
  readonly command?: readonly string[] | undefined
}): readonly string[] {
  const { image, entrypoint } = input
  const own = input.command ?? []
  const first = (entrypoint ?? image?.Entrypoint ?? []).filter((word, index, words) => words.length > 1 || index > 0 || word !== '')
  const rest = own.length > 0 || entrypoint !== undefined ? own : (image?.Cmd ?? [])
  const words = [...first, ...rest]
  if (words.length > 0) return words
  throw new RuntimeError('ERR_COMMAND_EMPTY', 'there is no command to run: the image names none, and none was given', {
    hint: 'Give a command after the image.',
  })
}
