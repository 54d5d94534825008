import type { Engine } from '@podwright/contracts'
import { type Command } from './command-line/command.ts'
import type { FlagValue } from './command-line/flags.ts'
import { globalFlags, logLevelOf, withPersistentFlags } from './command-line/global-flags.ts'
import { readFlags } from './command-line/read-flags.ts'
import { type CommandEntry, findCommand, isNoun } from './command-table.ts'
import type { CommandContext } from './context.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { renderError } from './render/error.ts'

/** Which engine the command line asks for. */
export interface EngineChoice {
  readonly root?: string
  readonly runRoot?: string
  readonly runtime?: string
  readonly monitor?: string
  readonly cgroupManager?: 'systemd' | 'cgroupfs'
  readonly storageDriver?: string
  readonly cdiSpecDirectories?: readonly string[]
}

/** What the program runs in: a process, or a test. */
export interface ProgramEnvironment extends Omit<CommandContext, 'engine' | 'logLevel' | 'commandLine'> {
  openEngine(choice: EngineChoice): Promise<Engine>
}

/** A chosen command and what is left of the command line. */
interface Invocation {
  readonly entry: CommandEntry
  readonly words: readonly string[]
}

type Values = Readonly<Record<string, FlagValue>>

/** Carries a command line out. Resolves with the exit status; throws nothing. */
export async function runProgram(words: readonly string[], environment: ProgramEnvironment): Promise<number> {
  let values: Values = {}
  let name: string | undefined
  try {
    const global = readFlags(globalFlags, words, { stopsAtFirstArgument: true })
    values = global.values
    if (values['version'] === true) return printLine(environment, `podwright version ${environment.version}`)
    const invocation = findInvocation(global.args)
    if (values['help'] === true || invocation === undefined) return await printHelp(global.args, environment)
    name = invocation.entry.names[0]
    const command = await invocation.entry.load()
    const read = readFlags(withPersistentFlags(command.flags), invocation.words, command)
    values = { ...values, ...definedOnly(read.values), ...bothLists(values, read.values) }
    if (read.values['help'] === true) return await printCommandHelp(command, environment)
    if (!isCountRight(command, read.args.length)) throw await wrongCount(command, read.args.length)
    return await runCommand(command, { values, args: read.args, words }, environment)
  } catch (error) {
    return await reportFailure(error, { ...(name !== undefined && { name }), values, words }, environment)
  }
}

async function runCommand(
  command: Command,
  input: { readonly values: Values; readonly args: readonly string[]; readonly words: readonly string[] },
  environment: ProgramEnvironment,
): Promise<number> {
  let opened: Promise<Engine> | undefined
  const context: CommandContext = {
    ...environment,
    engine: (flags) => (opened ??= environment.openEngine(engineChoice({ ...input.values, ...definedOnly(flags ?? {}) }))),
    logLevel: logLevelOf(input.values),
    commandLine: ['podwright', ...input.words],
  }
  try {
    return await command.run(context, { flags: input.values, args: input.args })
  } finally {
    // A failure to open has been thrown already.
    await opened?.then((engine) => engine[Symbol.asyncDispose]()).catch(() => undefined)
  }
}

function findInvocation(words: readonly string[]): Invocation | undefined {
  const [first, second] = words
  if (first === undefined || first === 'help') return undefined
  if (isNoun(first)) {
    const entry = second === undefined ? undefined : findCommand(`${first} ${second}`)
    return entry && { entry, words: words.slice(2) }
  }
  const entry = findCommand(first)
  return entry && { entry, words: words.slice(1) }
}

function engineChoice(values: Readonly<Record<string, unknown>>): EngineChoice {
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined)
  const directories = values['cdi-spec-dir'] as readonly string[] | undefined
  const choice = {
    root: text('root'),
    runRoot: text('runroot'),
    runtime: text('runtime'),
    monitor: text('conmon'),
    cgroupManager: text('cgroup-manager'),
    storageDriver: text('storage-driver'),
    cdiSpecDirectories: directories?.length === 0 ? undefined : directories,
  }
  return definedOnly(choice) as EngineChoice
}

/** Flags that were given before the command's name and after it, each as often as one likes. */
function bothLists(before: Values, after: Values): Values {
  const lists = Object.entries(before).filter((entry): entry is [string, readonly string[]] => Array.isArray(entry[1]))
  return Object.fromEntries(lists.map(([name, words]) => [name, [...words, ...((after[name] ?? []) as readonly string[])]]))
}

function isCountRight({ arguments: { minimum, maximum } }: Command, count: number): boolean {
  return count >= minimum && count <= maximum
}

function definedOnly<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function printLine({ stdout }: ProgramEnvironment, line: string): number {
  stdout.write(`${line}\n`)
  return exitCodes.success
}

async function printHelp(words: readonly string[], environment: ProgramEnvironment): Promise<number> {
  const { helpFor } = await import('./command-line/help.ts')
  environment.stdout.write(await helpFor(words, environment.stdout.columns))
  return exitCodes.success
}

async function printCommandHelp(command: Command, environment: ProgramEnvironment): Promise<number> {
  const { commandHelp } = await import('./command-line/help.ts')
  environment.stdout.write(commandHelp(command, environment.stdout.columns))
  return exitCodes.success
}

async function wrongCount(command: Command, count: number): Promise<Error> {
  const { wrongArgumentCount } = await import('./command-line/explain.ts')
  return wrongArgumentCount(command, count)
}

async function reportFailure(
  error: unknown,
  failed: { readonly name?: string; readonly values: Values; readonly words: readonly string[] },
  environment: ProgramEnvironment,
): Promise<number> {
  const { explain } = await import('./command-line/explain.ts')
  const explained = await explain(error, failed.name)
  environment.stderr.write(renderError(explained, logLevelOf(failed.values)))
  return exitCodeOf(explained)
}
