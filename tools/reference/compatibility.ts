import { commandTable, laterCommands, laterFlags, withPersistentFlags } from 'podwright'
import { differences, reasons } from './differences.ts'
import { type Peer, peerNames, readPeer } from './peers.ts'

/** What becomes of a peer's command or flag here. `unknown`: nobody has thought of it. */
export type Compatibility = 'works' | 'differs' | 'later' | 'never' | 'unknown'

/** A peer's flag. */
export interface FlagCompatibility {
  /** `--all`, `-a`. */
  readonly name: string
  readonly state: Compatibility
  /** Which peers have it. */
  readonly peers: readonly string[]
  /** How it differs, or why it is refused. */
  readonly words?: string | undefined
}

/** A peer's command. */
export interface CommandCompatibility {
  readonly name: string
  readonly state: Compatibility
  readonly peers: readonly string[]
  readonly words?: string | undefined
  readonly flags: readonly FlagCompatibility[]
}

/** Everything that a peer has, by name. */
export async function readCompatibility(peers: readonly Peer[] = peerNames.map(readPeer)): Promise<readonly CommandCompatibility[]> {
  const own = await ownCommands()
  const names = [...new Set(peers.flatMap(({ commands }) => Object.keys(commands)))].toSorted()
  return names.map((name) => {
    const having = peers.filter(({ commands }) => Object.hasOwn(commands, name))
    const command = own.get(name)
    const state = command === undefined ? stateOfMissing(name) : 'works'
    const words = differences[name]?.['']
    return {
      name,
      state: state === 'works' && words !== undefined ? 'differs' : state,
      peers: having.map(({ tool }) => tool),
      words: words ?? reasonOf(name),
      flags: command === undefined ? [] : flagsOf(name, command, having),
    }
  })
}

interface OwnCommand {
  readonly name: string
  /** With their dashes. */
  readonly flags: ReadonlySet<string>
}

async function ownCommands(): Promise<ReadonlyMap<string, OwnCommand>> {
  const found = new Map<string, OwnCommand>()
  for (const { names, load } of commandTable) {
    const { name, flags } = await load()
    const words = Object.entries(withPersistentFlags(flags)).flatMap(([long, { short, aliases = [] }]) => [
      `--${long}`,
      ...aliases.map((alias) => `--${alias}`),
      ...(short === undefined ? [] : [`-${short}`]),
    ])
    for (const alias of names) found.set(alias, { name, flags: new Set(words) })
  }
  return found
}

function flagsOf(name: string, command: OwnCommand, peers: readonly Peer[]): readonly FlagCompatibility[] {
  const later = new Set(laterFlags(command.name))
  const names = [...new Set(peers.flatMap(({ commands }) => (commands[name] ?? []).flatMap((words) => words.split(' '))))].toSorted()
  return names.map((flag) => {
    const words = differences[command.name]?.[flag]
    const state = command.flags.has(flag) ? (words === undefined ? 'works' : 'differs') : later.has(flag) ? 'later' : 'unknown'
    return {
      name: flag,
      state: reasons[flag] !== undefined && state === 'later' ? 'never' : state,
      peers: peers.filter(({ commands }) => commands[name]?.some((found) => found.split(' ').includes(flag))).map(({ tool }) => tool),
      words: words ?? (state === 'later' ? reasons[flag] : undefined),
    }
  })
}

function stateOfMissing(name: string): Compatibility {
  if (reasonOf(name) !== undefined) return 'never'
  return laterCommands.some((later) => name === later || name.startsWith(`${later} `)) ? 'later' : 'unknown'
}

function reasonOf(name: string): string | undefined {
  const [noun = ''] = name.split(' ')
  return reasons[name] ?? reasons[name.split(' ').slice(0, 2).join(' ')] ?? reasons[noun]
}
