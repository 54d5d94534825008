import { commandTable, findCommand, isNoun, nouns } from '../command-table.ts'
import type { Command } from './command.ts'
import { unknownCommand } from './explain.ts'
import type { FlagDefinition, FlagDefinitions } from './flags.ts'
import { globalFlags, withPersistentFlags } from './global-flags.ts'
import { wrap } from '../render/wrap.ts'

/** Lines are never longer, however wide the terminal. */
const maximumWidth = 120

/**
 * The help for what stands on a command line: nothing, `help`, a noun, or a command.
 *
 * @throws CliError `ERR_CLI_COMMAND_UNKNOWN`
 */
export async function helpFor(words: readonly string[], columns: number): Promise<string> {
  const [first, second] = words[0] === 'help' ? words.slice(1) : words
  if (first === undefined) return rootHelp(columns)
  if (isNoun(first) && (second === undefined || second === '--help' || second === '-h')) return nounHelp(first, columns)
  const entry = findCommand(isNoun(first) ? `${first} ${second}` : first)
  if (entry === undefined) throw unknownCommand([first, ...(second === undefined ? [] : [second])])
  return commandHelp(await entry.load(), columns)
}

/** What `podwright COMMAND --help` prints. */
export function commandHelp(command: Command, columns: number): string {
  const entry = findCommand(command.name)
  const aliases = (entry?.names ?? []).filter((name) => name !== command.name)
  const sections = [
    wrap(`${command.summary}.`, { width: widthOf(columns) }),
    section('Usage', [`podwright ${command.name} ${command.usage}`.trimEnd()]),
    command.description === undefined ? '' : wrap(command.description, { width: widthOf(columns) }),
    aliases.length === 0 ? '' : section('Aliases', [aliases.map((name) => `podwright ${name}`).join(', ')]),
    command.examples.length === 0
      ? ''
      : section(
          'Examples',
          command.examples.map((example) => `podwright ${example}`),
        ),
    flagSection('Options', command.flags, columns),
    flagSection('Global options', inheritedFlags(command), columns),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function rootHelp(columns: number): string {
  const shown = commandTable.filter((entry) => entry.hidden !== true && !entry.names[0]?.includes(' '))
  const sections = [
    'Find, run and manage containers and their images, without a daemon and without root.',
    section('Usage', ['podwright [global options] COMMAND']),
    rowSection(
      'Commands',
      shown.map((entry) => [entry.names[0] ?? '', entry.summary]),
      columns,
    ),
    rowSection('Groups', Object.entries(nouns), columns),
    flagSection('Global options', globalFlags, columns),
    "See 'podwright COMMAND --help' for a command.",
  ]
  return `${sections.join('\n\n')}\n`
}

function nounHelp(noun: string, columns: number): string {
  const rows = commandTable
    .filter((entry) => entry.hidden !== true)
    .flatMap((entry) => {
      const [name] = entry.names.filter((candidate) => candidate.startsWith(`${noun} `))
      return name === undefined ? [] : [[name.slice(noun.length + 1), entry.summary] as const]
    })
    .toSorted(([a], [b]) => compare(a, b))
  const sections = [
    `${nouns[noun]}.`,
    section('Usage', [`podwright ${noun} COMMAND`]),
    rowSection('Commands', rows, columns),
    `See 'podwright ${noun} COMMAND --help' for a command.`,
  ]
  return `${sections.join('\n\n')}\n`
}

/** What every command has, less what the command defines itself. */
function inheritedFlags(command: Command): FlagDefinitions {
  const own = Object.keys(command.flags)
  return Object.fromEntries(Object.entries(withPersistentFlags(command.flags)).filter(([name]) => !own.includes(name)))
}

function flagSection(title: string, flags: FlagDefinitions, columns: number): string {
  const rows = Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true)
    .map(([name, flag]) => [flagTerm(name, flag), flagText(flag)] as const)
    .toSorted(([a], [b]) => compare(longOf(a), longOf(b)))
  return rows.length === 0 ? '' : rowSection(title, rows, columns)
}

function flagTerm(name: string, { short, kind, value }: FlagDefinition): string {
  const placeholder = kind === 'boolean' ? '' : ` ${value ?? kindNames[kind]}`
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${placeholder}`
}

const kindNames: Readonly<Record<Exclude<FlagDefinition['kind'], 'boolean'>, string>> = {
  text: 'string',
  words: 'string',
  list: 'list',
  integer: 'int',
  number: 'number',
}

function flagText({ description, defaultText }: FlagDefinition): string {
  return defaultText === undefined ? description : `${description} (default ${defaultText})`
}

/** By code units: loading a locale takes 13 ms. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function longOf(term: string): string {
  return term.slice(term.indexOf('--'))
}

function section(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n')
}

function rowSection(title: string, rows: readonly (readonly [string, string])[], columns: number): string {
  const termWidth = Math.min(34, Math.max(...rows.map(([term]) => term.length)))
  const indent = termWidth + 4
  const lines = rows.map(([term, text]) => {
    const wrapped = wrap(text, { width: Math.max(20, widthOf(columns) - indent), indent })
    return term.length > termWidth ? `${term}\n${' '.repeat(indent)}${wrapped}` : `${term.padEnd(termWidth + 2)}${wrapped}`
  })
  return section(title, lines)
}

function widthOf(columns: number): number {
  return Math.min(columns, maximumWidth)
}
