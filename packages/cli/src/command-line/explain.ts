import { isPodwrightError } from '@podwright/conventions'
import { commandTable, findCommand, isNoun } from '../command-table.ts'
import { CliError } from '../errors.ts'
import type { Command } from './command.ts'
import { withPersistentFlags } from './global-flags.ts'
import { laterCommands, laterFlags } from './later.ts'
import { suggest } from './suggest.ts'

/** Adds the next step to an error about the command line; others come back as they are. `name` is the command's, when one was found. */
export async function explain(error: unknown, name: string | undefined): Promise<unknown> {
  if (!isPodwrightError(error) || error.hint !== undefined) return error
  if (error.code === 'ERR_CLI_FLAG_UNKNOWN') return explainUnknownFlag(error.message, String(error.details['flag']), name)
  if (error.code === 'ERR_CLI_FLAG_VALUE') return new CliError(error.code, error.message, { hint: seeHelp(name), details: error.details })
  return error
}

/** The error for a first word, or a verb after a noun, that is no command. */
export function unknownCommand(words: readonly string[]): CliError {
  const [first = '', second] = words
  const name = isNoun(first) && second !== undefined ? `${first} ${second}` : first
  const details = { command: name }
  if (laterCommands.includes(name)) {
    const message = `cannot run "${name}": docker or podman has this command, podwright does not have it yet`
    return new CliError('ERR_CLI_NOT_SUPPORTED', message, { details, hint: `See 'podwright --help' for the commands there are.` })
  }
  const names = commandTable.filter((entry) => entry.hidden !== true).flatMap((entry) => entry.names)
  const prefix = name === first ? '' : `${first} `
  const siblings = names.filter((candidate) => (prefix === '' ? !candidate.includes(' ') : candidate.startsWith(prefix)))
  const found = suggest(
    name.slice(prefix.length),
    siblings.map((sibling) => sibling.slice(prefix.length)),
  ).map((verb) => prefix + verb)
  const see = `See 'podwright ${prefix}--help'.`
  return new CliError('ERR_CLI_COMMAND_UNKNOWN', `unknown command: ${name}`, { details, hint: withSuggestions(found, see) })
}

/** The error for a wrong number of arguments. */
export function wrongArgumentCount(command: Command, count: number): CliError {
  const { minimum, maximum } = command.arguments
  const expected =
    maximum === 0 ? 'takes no arguments' : count > maximum ? `takes at most ${plural(maximum)}` : `needs at least ${plural(minimum)}`
  return new CliError('ERR_CLI_ARGUMENTS', `"podwright ${command.name}" ${expected}, not ${count}`, {
    details: { count, minimum },
    hint: `Usage: podwright ${command.name} ${command.usage}. ${seeHelp(command.name)}`,
  })
}

async function explainUnknownFlag(message: string, flag: string, name: string | undefined): Promise<CliError> {
  const details = { flag }
  if (laterFlags(name).includes(flag)) {
    return new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour ${flag}: docker or podman has this flag, podwright does not have it yet`, {
      details,
      hint: seeHelp(name),
    })
  }
  const command = name === undefined ? undefined : await findCommand(name)?.load()
  const flags = withPersistentFlags(command?.flags ?? {})
  const known = Object.entries(flags).filter(([, definition]) => definition.hidden !== true)
  const found = flag.startsWith('--')
    ? suggest(
        flag.slice(2),
        known.flatMap(([long, { aliases = [] }]) => [long, ...aliases]),
      )
    : []
  return new CliError('ERR_CLI_FLAG_UNKNOWN', message, {
    details,
    hint: withSuggestions(
      found.map((long) => `--${long}`),
      seeHelp(name),
    ),
  })
}

function withSuggestions(found: readonly string[], rest: string): string {
  if (found.length === 0) return rest
  const last = found.at(-1)
  const words = found.length === 1 ? last : `${found.slice(0, -1).join(', ')} or ${last}`
  return `Did you mean ${words}? ${rest}`
}

function seeHelp(name: string | undefined): string {
  return `See 'podwright ${name === undefined ? '' : `${name} `}--help'.`
}

function plural(count: number): string {
  return count === 1 ? '1 argument' : `${count} arguments`
}
