import type { CommandContext } from '../context.ts'
import type { FlagDefinitions, FlagValues } from './flags.ts'

/** What a command is called with. */
export interface CommandInput<Flags extends FlagDefinitions> {
  readonly flags: FlagValues<Flags>
  /** What is no flag, in order. */
  readonly args: readonly string[]
}

/** One command, as data and the function that carries it out. */
export interface CommandDefinition<Flags extends FlagDefinitions> {
  /** Words after `podwright`, such as `image ls`. */
  readonly name: string
  /** What follows the name in the usage line: `[options] IMAGE [COMMAND [ARG...]]`. */
  readonly usage: string
  /** One phrase without a full stop. */
  readonly summary: string
  /** More of it, for `--help` and the reference. */
  readonly description?: string
  readonly flags: Flags
  /** How many arguments there may be. */
  readonly arguments: { readonly minimum: number; readonly maximum: number }
  /** Flags end at the first argument: what follows is a command for a container. @default false */
  readonly stopsAtFirstArgument?: boolean
  /** Command lines without `podwright`. */
  readonly examples: readonly string[]
  /** Resolves with the exit status. */
  run(context: CommandContext, input: CommandInput<Flags>): Promise<number>
}

/** A command whose flags are not known to the type checker. */
export type Command = CommandDefinition<FlagDefinitions>

/** Types a definition: the values handed to `run` follow from its flags. */
export function defineCommand<const Flags extends FlagDefinitions>(definition: CommandDefinition<Flags>): Command {
  return definition
}
