import { type Command, defineCommand } from '../command-line/command.ts'
import { globalFlags } from '../command-line/global-flags.ts'
import { readFlags } from '../command-line/read-flags.ts'
import type { Completion } from '../completion/candidates.ts'
import { complete } from '../completion/complete.ts'
import { createNameSource } from '../completion/names.ts'
import { knownRegistries } from '../completion/registries.ts'
import { printable } from '../render/printable.ts'

/** `podwright __complete`, which the shells' scripts call. It fails at nothing: who asks for a word wants no message in the middle of the line. */
export const completeWords: Command = defineCommand({
  name: '__complete',
  usage: '[options] -- WORD [WORD...]',
  summary: 'Print what may stand at the end of a command line',
  flags: { 'no-desc': { kind: 'boolean', description: 'Print no descriptions' } },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  stopsAtFirstArgument: true,
  examples: ['__complete -- run --network '],
  async run(context, { flags, args }) {
    const names = createNameSource({ engine: () => context.engine(storesOf(args)), registries: () => knownRegistries(context.env) })
    try {
      context.stdout.write(linesOf(await complete(args, names), flags['no-desc'] !== true))
    } catch (error) {
      if (context.logLevel === 'debug') throw error
    }
    return 0
  },
})

/** The line that is completed may be about other stores: `podwright --root DIR rm `. */
function storesOf(words: readonly string[]): Readonly<Record<string, unknown>> {
  try {
    return readFlags(globalFlags, words.slice(0, -1), { stopsAtFirstArgument: true }).values
  } catch {
    // A line that is being typed need not be right yet.
    return {}
  }
}

function linesOf({ candidates, paths, goesOn }: Completion, described: boolean): string {
  const lines = [...new Map(candidates.map((candidate) => [candidate.value, candidate])).values()].map(({ value, description }) =>
    described && description !== undefined ? `${printable(value)}\t${printable(description)}` : printable(value),
  )
  if (paths !== undefined) lines.push(`:${paths}`)
  if (goesOn === true) lines.push(':goes-on')
  return lines.map((line) => `${line}\n`).join('')
}
