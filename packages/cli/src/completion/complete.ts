import { commandTable, findCommand, isNoun, nouns } from '../command-table.ts'
import type { Command } from '../command-line/command.ts'
import type { FlagDefinition, FlagDefinitions } from '../command-line/flags.ts'
import { globalFlags, withPersistentFlags } from '../command-line/global-flags.ts'
import { argumentCompletion } from './arguments.ts'
import { type Candidate, type Completion, narrowed, nothing } from './candidates.ts'
import { flagValues } from './flag-words.ts'
import type { NameSource } from './names.ts'

/**
 * What may stand at the end of a command line.
 *
 * @param words those behind `podwright`, the last being the one that is typed, perhaps empty
 */
export async function complete(words: readonly string[], names: NameSource): Promise<Completion> {
  const typed = words.at(-1) ?? ''
  const before = walk(globalFlags, words.slice(0, -1), true)
  if (before.pending !== undefined) return narrowed(flagValues(before.pending), typed)
  const [first, second] = before.args
  if (first === undefined) return narrowed(typed.startsWith('-') ? flagNames(globalFlags) : commandNames(), typed)
  if (first === 'help') return narrowed(helpNames(second), typed)
  if (isNoun(first) && second === undefined) return narrowed(verbNames(first), typed)
  const entry = findCommand(isNoun(first) ? `${first} ${second}` : first)
  if (entry === undefined) return nothing
  return completeCommand(await entry.load(), { words: before.args.slice(isNoun(first) ? 2 : 1), typed }, names)
}

async function completeCommand(
  command: Command,
  { words, typed }: { readonly words: readonly string[]; readonly typed: string },
  names: NameSource,
): Promise<Completion> {
  const flags = withPersistentFlags(command.flags)
  const { args, pending, ended } = walk(flags, words, command.stopsAtFirstArgument === true)
  if (pending !== undefined) return narrowed(await valuesOf(pending, names, typed), typed)
  const inline = ended ? null : /^(--[^=]+)=(.*)$/s.exec(typed)
  if (inline !== null) return inlineValues(flags, { flag: inline[1] ?? '', text: inline[2] ?? '' }, names)
  if (typed.startsWith('-') && !ended) return narrowed(flagNames(flags), typed)
  if (args.length >= command.arguments.maximum) return nothing
  return narrowed(await argumentCompletion(command, args, names, typed), typed)
}

/** `--flag=VALUE`: the candidates are whole words. */
async function inlineValues(
  flags: FlagDefinitions,
  { flag, text }: { readonly flag: string; readonly text: string },
  names: NameSource,
): Promise<Completion> {
  const definition = flagOf(flags, flag)
  if (definition === undefined) return nothing
  const { candidates, paths } = narrowed(await valuesOf(definition, names, text), text)
  return { candidates: candidates.map(({ value, description }) => ({ value: `${flag}=${value}`, description })), paths }
}

async function valuesOf(definition: FlagDefinition, names: NameSource, typed: string): Promise<Completion> {
  return /^(CONTAINER|DEVICE|GPUS|IMAGE|VOLUME)\b/.test(definition.value ?? '')
    ? names.find(definition.value?.match(/^\w+/)?.[0] ?? '', typed)
    : flagValues(definition)
}

/** Reads what stands before the word that is typed, as `readFlags` does, but that nothing is wrong. */
function walk(
  flags: FlagDefinitions,
  words: readonly string[],
  stopsAtFirst: boolean,
): { readonly args: readonly string[]; readonly pending?: FlagDefinition; readonly ended: boolean } {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') return { args: [...words.slice(0, at).filter((one) => !one.startsWith('-')), ...words.slice(at + 1)], ended: true }
    if (word.startsWith('-') && word.length > 1) {
      const definition = takesNext(flags, word)
      if (definition === undefined) continue
      if (at === words.length - 1) return { args: [], pending: definition, ended: false }
      return rest(flags, words, { at: at + 1, stopsAtFirst, args: [] })
    }
    if (stopsAtFirst) return { args: words.slice(at), ended: true }
    return rest(flags, words, { at, stopsAtFirst, args: [word] })
  }
  return { args: [], ended: false }
}

function rest(
  flags: FlagDefinitions,
  words: readonly string[],
  { at, stopsAtFirst, args }: { readonly at: number; readonly stopsAtFirst: boolean; readonly args: readonly string[] },
): ReturnType<typeof walk> {
  const after = walk(flags, words.slice(at + 1), stopsAtFirst)
  return { ...after, args: [...args, ...after.args] }
}

/** The flag whose value is the next word; undefined when it has it, or needs none. */
function takesNext(flags: FlagDefinitions, word: string): FlagDefinition | undefined {
  if (word.includes('=')) return undefined
  if (word.startsWith('--')) return valued(flagOf(flags, word))
  const shorts = Array.from(word.slice(1), (letter) => flagOf(flags, `-${letter}`))
  const first = shorts.findIndex((definition) => valued(definition) !== undefined)
  return first >= 0 && first === shorts.length - 1 ? shorts[first] : undefined
}

function valued(definition: FlagDefinition | undefined): FlagDefinition | undefined {
  return definition?.kind === 'boolean' ? undefined : definition
}

function flagOf(flags: FlagDefinitions, word: string): FlagDefinition | undefined {
  const name = word.replace(/^--?/, '')
  if (!word.startsWith('--')) return Object.values(flags).find(({ short }) => short === name)
  return Object.entries(flags).find(([long, { aliases = [] }]) => long === name || aliases.includes(name))?.[1]
}

function flagNames(flags: FlagDefinitions): Completion {
  const shown = Object.entries(flags).filter(([, { hidden }]) => hidden !== true)
  const candidates = shown.flatMap(([long, { short, description }]): Candidate[] => [
    { value: `--${long}`, description },
    ...(short === undefined ? [] : [{ value: `-${short}`, description }]),
  ])
  return { candidates }
}

function commandNames(): Completion {
  const commands = commandTable.filter(({ hidden }) => hidden !== true)
  const plain = commands.flatMap(({ names, summary }) =>
    names.filter((name) => !name.includes(' ')).map((value) => ({ value, description: summary })),
  )
  return { candidates: [...plain, ...Object.entries(nouns).map(([value, description]) => ({ value, description }))] }
}

function verbNames(noun: string): Completion {
  const commands = commandTable.filter(({ hidden }) => hidden !== true)
  const candidates = commands.flatMap(({ names, summary }) =>
    names.filter((name) => name.startsWith(`${noun} `)).map((name) => ({ value: name.slice(noun.length + 1), description: summary })),
  )
  return { candidates }
}

function helpNames(noun: string | undefined): Completion {
  if (noun === undefined) return commandNames()
  return isNoun(noun) ? verbNames(noun) : nothing
}
