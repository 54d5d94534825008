/**
 * The commands of `podwright` as data, for whoever makes documents and completions from them.
 *
 * @packageDocumentation
 */
export type { Command, CommandDefinition, CommandInput } from './command-line/command.ts'
export type { FlagDefinition, FlagDefinitions, FlagKind } from './command-line/flags.ts'
export { globalFlags, withPersistentFlags } from './command-line/global-flags.ts'
export { type CommandEntry, commandTable, findCommand, nouns } from './command-table.ts'
export { type CliErrorCode, cliErrorCodes } from './errors.ts'
export { exitCodes } from './exit-codes.ts'
