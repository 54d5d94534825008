import type { Command } from './command-line/command.ts'
import { artifactCommands } from './command-tables/artifact-commands.ts'
import { containerCommands } from './command-tables/container-commands.ts'
import { imageCommands } from './command-tables/image-commands.ts'
import { manifestCommands } from './command-tables/manifest-commands.ts'
import { registryCommands } from './command-tables/registry-commands.ts'
import { systemCommands } from './command-tables/system-commands.ts'
import { secretCommands } from './command-tables/secret-commands.ts'
import { volumeCommands } from './command-tables/volume-commands.ts'

/** A command by its names; its definition and code are loaded when it is chosen. */
export interface CommandEntry {
  /** The first is its own; all stand in the place of `NAME` in `podwright NAME`. */
  readonly names: readonly string[]
  /** As the definition's. Repeated here so that `--help` loads nothing. */
  readonly summary: string
  /** Not in `--help`. */
  readonly hidden?: boolean
  load(): Promise<Command>
}

/** First words that are followed by a verb. */
export const nouns: Readonly<Record<string, string>> = {
  artifact: 'Manage artifacts: files kept as images are',
  container: 'Manage containers',
  generate: 'Write documents that make containers again',
  healthcheck: 'Manage health checks',
  image: 'Manage images',
  manifest: 'Manage manifest lists: images for several platforms',
  secret: 'Manage secrets',
  system: 'Manage podwright',
  volume: 'Manage volumes',
}

/** Every command, in the order of `--help`: by name. */
export const commandTable: readonly CommandEntry[] = [
  ...artifactCommands,
  ...containerCommands,
  ...imageCommands,
  ...manifestCommands,
  ...registryCommands,
  ...systemCommands,
  ...secretCommands,
  ...volumeCommands,
].toSorted(byName)

/** Whether a first word is followed by a verb. */
export function isNoun(word: string): boolean {
  return Object.hasOwn(nouns, word)
}

/** The command of a name: `run`, `image ls`. */
export function findCommand(name: string): CommandEntry | undefined {
  return commandTable.find((entry) => entry.names.includes(name))
}

function byName(a: CommandEntry, b: CommandEntry): number {
  return a.names[0]! < b.names[0]! ? -1 : 1
}
