import { globalFlags } from '../command-line/global-flags.ts'
import { pageName, type ReferenceEntry, type ReferenceFlag, referenceFlags } from './reference-entry.ts'

/** The page of a command for man(1), in the macros of man(7). */
export function manPage(entry: ReferenceEntry, version: string): string {
  const { aliases, summary, usage, description, flags, examples, exitStatuses } = entry
  return page(pageName(entry), version, [
    section('NAME', [`${text(pageName(entry))} \\- ${text(summary)}`]),
    section('SYNOPSIS', [`.B ${text(usage)}`, ...aliases.flatMap((alias) => ['.br', `.B ${text(alias)}`])]),
    description === '' ? '' : section('DESCRIPTION', [text(description)]),
    flags.length === 0 ? '' : section('OPTIONS', flags.flatMap(flagLines)),
    examples.length === 0 ? '' : section('EXAMPLES', ['.nf', ...examples.map(text), '.fi']),
    section(
      'EXIT STATUS',
      exitStatuses.flatMap(([status, meaning]) => ['.TP', `.B ${text(status)}`, text(meaning)]),
    ),
    section('SEE ALSO', ['.BR podwright (1)']),
  ])
}

/** The page of the program itself. */
export function rootManPage(entries: readonly ReferenceEntry[], version: string): string {
  return page('podwright', version, [
    section('NAME', [text('podwright - find, run and manage containers and their images, without a daemon and without root')]),
    section('SYNOPSIS', ['.B podwright', '[global options] COMMAND [options]']),
    section('GLOBAL OPTIONS', referenceFlags(globalFlags).flatMap(flagLines)),
    section(
      'COMMANDS',
      entries.flatMap((entry) => ['.TP', `.BR ${text(pageName(entry))} (1)`, `${text(entry.summary)}.`]),
    ),
    section('ENVIRONMENT', terms(environment)),
    section('FILES', terms(files)),
  ])
}

const environment: readonly (readonly [string, string])[] = [
  ['XDG_DATA_HOME', "A plain user's images and containers are below it, in podwright/; by default in ~/.local/share."],
  ['XDG_RUNTIME_DIR', "A plain user's sockets and locks are below it, in podwright/."],
  ['PODWRIGHT_SECRETS_KEY', 'The file with the key of secrets. By default secrets.key in the data directory.'],
  ['PODWRIGHT_MIN_FREE', 'How much of a file system is left free: 512m. By default the larger of 1 GiB and 5 %.'],
  ['REGISTRY_AUTH_FILE', 'The file with logins, instead of the usual places.'],
  ['CONTAINERS_REGISTRIES_CONF', 'The file that configures registries, instead of the usual places.'],
  ['HTTP_PROXY, HTTPS_PROXY, NO_PROXY', 'How registries are reached.'],
  ['NO_COLOR', 'No colours on a terminal.'],
]

const files: readonly (readonly [string, string])[] = [
  ['/var/lib/podwright', "root's images, containers and volumes."],
  ['/etc/containers/registries.conf, ~/.config/containers/registries.conf', 'registries, mirrors and short names.'],
  ['${XDG_RUNTIME_DIR}/containers/auth.json, ~/.docker/config.json', 'logins.'],
  ['/etc/subuid, /etc/subgid', 'the ids that a plain user may give to containers.'],
]

function page(name: string, version: string, sections: readonly string[]): string {
  return `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`podwright ${version}`)} "podwright"\n${sections.filter((part) => part !== '').join('')}`
}

function section(title: string, lines: readonly string[]): string {
  return `.SH ${title}\n${lines.join('\n')}\n`
}

function terms(rows: readonly (readonly [string, string])[]): readonly string[] {
  return rows.flatMap(([term, meaning]) => ['.TP', `.B ${text(term)}`, text(meaning)])
}

function flagLines({ names, value, meaning, choices, defaultText, isRepeatable }: ReferenceFlag): readonly string[] {
  const term = names.map((name) => `\\fB${text(name)}\\fR`).join(', ') + (value === undefined ? '' : ` \\fI${text(value)}\\fR`)
  const told = choices.filter((choice) => !meaning.includes(choice))
  const more = [
    ...(told.length === 0 ? [] : [`One of ${choices.join(', ')}.`]),
    ...(isRepeatable ? ['May be given several times.'] : []),
    ...(defaultText === undefined ? [] : [`Default: ${defaultText}.`]),
  ]
  return ['.TP', term, text([meaning, ...more].join(' '))]
}

/** As roff prints it: a dash is a dash, and no line is a request. */
function text(words: string): string {
  return words
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^(?=[.'])/gm, String.raw`\&`)
    .replaceAll(/[^\0-\x7f]/gu, (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`)
}

function quoted(words: string): string {
  return `"${text(words).replaceAll('"', String.raw`\(dq`)}"`
}
