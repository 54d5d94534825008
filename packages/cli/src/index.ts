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
export { laterCommands, laterFlags } from './command-line/later.ts'
export { manPage, rootManPage } from './reference/man-page.ts'
export { markdownIndex, markdownPage } from './reference/markdown-page.ts'
export { pageName, readReference, type ReferenceEntry, type ReferenceFlag } from './reference/reference-entry.ts'
