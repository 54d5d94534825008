import type { Command } from '../command-line/command.ts'
import type { FlagDefinition, FlagDefinitions, FlagKind } from '../command-line/flags.ts'
import { commandTable } from '../command-table.ts'
import { exitCodes } from '../exit-codes.ts'

/** One flag as a reference shows it. */
export interface ReferenceFlag {
  /** `-a`, `--all`; the long names come last. */
  readonly names: readonly string[]
  /** What stands for its value; undefined for one that has none. */
  readonly value: string | undefined
  /** Whether each use adds something. */
  readonly isRepeatable: boolean
  /** A sentence. */
  readonly meaning: string
  readonly choices: readonly string[]
  readonly defaultText: string | undefined
}

/** A command as a reference shows it. */
export interface ReferenceEntry {
  /** Words after `podwright`. */
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly usage: string
  /** Sentences; empty where the summary says it all. */
  readonly description: string
  readonly flags: readonly ReferenceFlag[]
  /** Command lines. */
  readonly examples: readonly string[]
  readonly exitStatuses: readonly (readonly [status: string, meaning: string])[]
}

/** All commands that `--help` shows, by name. */
export async function readReference(): Promise<readonly ReferenceEntry[]> {
  const shown = commandTable.filter(({ hidden }) => hidden !== true)
  return Promise.all(shown.map(async ({ names, load }) => entryOf(await load(), names)))
}

/** The flags of a definition, by name, without those that `--help` leaves out. */
export function referenceFlags(flags: FlagDefinitions): readonly ReferenceFlag[] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, flag]) => flagOf(name, flag))
    .toSorted((a, b) => (longOf(a) < longOf(b) ? -1 : 1))
}

/** The name that its file has: `podwright-image-ls`. */
export function pageName({ name }: Pick<ReferenceEntry, 'name'>): string {
  return `podwright-${name.replaceAll(' ', '-')}`
}

function entryOf(command: Command, names: readonly string[]): ReferenceEntry {
  const { name, summary, usage, description = '', flags, examples } = command
  return {
    name,
    aliases: names.filter((alias) => alias !== name).map((alias) => `podwright ${alias}`),
    summary,
    usage: `podwright ${name} ${usage}`.trimEnd(),
    description,
    flags: referenceFlags(flags),
    examples: examples.map((example) => `podwright ${example}`),
    exitStatuses: exitStatusesOf(name),
  }
}

function flagOf(name: string, { kind, short, aliases = [], value, description, defaultText, choices = [] }: FlagDefinition): ReferenceFlag {
  return {
    names: [...(short === undefined ? [] : [`-${short}`]), `--${name}`, ...aliases.map((alias) => `--${alias}`)],
    value: kind === 'boolean' ? undefined : (value ?? placeholders[kind]),
    isRepeatable: kind === 'words' || kind === 'list',
    meaning: `${description}.`,
    choices,
    defaultText,
  }
}

const placeholders: Readonly<Record<Exclude<FlagKind, 'boolean'>, string>> = {
  text: 'TEXT',
  words: 'TEXT',
  list: 'LIST',
  integer: 'N',
  number: 'NUMBER',
}

function longOf({ names }: ReferenceFlag): string {
  return names.find((name) => name.startsWith('--')) ?? ''
}

const runsCommand = ['run', 'exec', 'start', 'attach']

/** What the statuses of a command mean, from the table that the program itself uses. */
function exitStatusesOf(name: string): ReferenceEntry['exitStatuses'] {
  const { success, negative, failure, notExecutable, commandNotFound, signalBase } = exitCodes
  const isIn = runsCommand.includes(name)
  const ofContainer: ReferenceEntry['exitStatuses'] = [
    ["the command's own", 'What ran in the container has ended with it, where that was waited for.'],
    [String(notExecutable), "The container's command can not be executed."],
    [String(commandNotFound), "The container's command is not there."],
  ]
  const negatives: Readonly<Record<string, string>> = {
    doctor: 'This host lacks something that podwright needs.',
    'healthcheck run': 'The check has failed.',
    'system check': 'Damage was found, and is still there.',
  }
  const absent = name.endsWith('exists') ? 'It is not here.' : negatives[name]
  const mayLack = ['rm', 'rmi', 'inspect', 'image inspect', 'container inspect', 'volume rm', 'volume inspect', 'unmount', 'image unmount']
  const meaning = absent ?? (mayLack.includes(name) ? 'What was named is not there.' : undefined)
  return [
    [String(success), 'It is done.'],
    ...(meaning === undefined ? [] : [[String(negative), meaning] as const]),
    [String(failure), 'podwright itself has failed; the message says why.'],
    ...(isIn ? ofContainer : []),
    [`${signalBase} + N`, 'The signal N has ended it.'],
  ]
}
