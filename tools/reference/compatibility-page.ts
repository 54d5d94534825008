import type { CommandCompatibility, Compatibility, FlagCompatibility } from './compatibility.ts'
import type { Peer } from './peers.ts'

/** The page of what docker's and podman's users find here. */
export function compatibilityPage(commands: readonly CommandCompatibility[], peers: readonly Peer[]): string {
  const flags = commands.flatMap((command) => command.flags)
  const sections = [
    '# Compatibility',
    `What [docker](https://docs.docker.com/reference/cli/docker/) ${versionOf(peers, 'docker')} and [podman](https://docs.podman.io/en/latest/Commands.html) ${versionOf(peers, 'podman')} have, and what becomes of it here. This page is written by \`npm run reference\` from the
definitions that the command itself reads; a test compares them. What is not yet there, and what never will be, is refused by name: no flag is accepted and ignored. What each flag does is in the [reference](reference/README.md).`,
    summary(commands, flags, peers),
    '## Commands',
    commandTable(commands),
    '## Flags',
    'Flags that are not named work.',
    ...commands.filter(isWorth).map(flagSection),
  ]
  return `${sections.join('\n\n')}\n`
}

function versionOf(peers: readonly Peer[], tool: string): string {
  return peers.find((peer) => peer.tool === tool)?.version ?? ''
}

const titles: Readonly<Record<Compatibility, string>> = {
  works: 'works',
  differs: 'works, with a difference',
  later: 'not yet',
  never: 'refused for good',
  unknown: 'unknown',
}

function summary(commands: readonly CommandCompatibility[], flags: readonly FlagCompatibility[], peers: readonly Peer[]): string {
  const rows = peers.flatMap(({ tool }) => {
    const count = (all: readonly (CommandCompatibility | FlagCompatibility)[], state: Compatibility): string =>
      String(all.filter((one) => one.peers.includes(tool) && one.state === state).length)
    const states = ['works', 'differs', 'later', 'never'] as const
    return [
      [`${tool}'s commands`, ...states.map((state) => count(commands, state))],
      [`flags of those that are here`, ...states.map((state) => count(flags, state))],
    ]
  })
  return table(['', titles.works, titles.differs, titles.later, titles.never], rows)
}

function commandTable(commands: readonly CommandCompatibility[]): string {
  const named = (state: Compatibility): string =>
    commands
      .filter((command) => command.state === state)
      .map(({ name }) => `\`${name}\``)
      .join(', ')
  const differing = commands
    .filter(({ state }) => state === 'differs')
    .map(({ name, peers, words = '' }) => [`\`${name}\``, peers.join(', '), words])
  const refused = Object.entries(
    Object.groupBy(
      commands.filter(({ state }) => state === 'never'),
      ({ words = '' }) => words,
    ),
  ).map(([words, found = []]) => [found.map(({ name }) => `\`${name}\``).join(', '), words])
  return [
    `Work: ${named('works')}.`,
    'Work, with a difference:',
    table(['command', 'of', ''], differing),
    `Not yet: ${named('later')}.`,
    'Refused for good:',
    table(['commands', 'why'], refused),
  ].join('\n\n')
}

/** Aliases (`container run`) say what their short form says. */
function isWorth({ name, flags }: CommandCompatibility, _index: number, all: readonly CommandCompatibility[]): boolean {
  const short = name.split(' ').slice(1).join(' ')
  return flags.some(({ state }) => state !== 'works') && !all.some((other) => other.name === short && other.flags.length > 0)
}

function flagSection({ name, flags }: CommandCompatibility): string {
  const rows = flags
    .filter(({ state }) => state === 'differs' || state === 'never')
    .map(({ name: flag, peers, state, words = '' }) => [`\`${flag}\``, peers.join(', '), titles[state], words])
  const later = flags.filter(({ state }) => state === 'later').map(({ name: flag }) => `\`${flag}\``)
  const works = flags.filter(({ state }) => state === 'works').length
  const lines = [
    `### ${name}`,
    `${works} of ${flags.length} work.${later.length === 0 ? '' : ` Not yet: ${later.join(', ')}.`}`,
    ...(rows.length === 0 ? [] : [table(['flag', 'of', 'here', ''], rows)]),
  ]
  return lines.join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
