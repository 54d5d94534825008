import { globalFlags } from '../command-line/global-flags.ts'
import { pageName, type ReferenceEntry, type ReferenceFlag, referenceFlags } from './reference-entry.ts'

/** The page of a command, in Markdown. */
export function markdownPage(entry: ReferenceEntry): string {
  const { name, aliases, summary, usage, description, flags, examples, exitStatuses } = entry
  const sections = [
    `# podwright ${name}`,
    `${summary}.`,
    indented([usage]),
    escaped(description),
    aliases.length === 0 ? '' : `The same: ${aliases.map(code).join(', ')}.`,
    examples.length === 0 ? '' : `## Examples\n\n${indented(examples)}`,
    flags.length === 0 ? '' : `## Options\n\n${flagTable(flags)}`,
    `Besides these, [what every command understands](README.md#options-of-every-command).`,
    `## Exit status\n\n${table(['status', 'meaning'], exitStatuses)}`,
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

/** The list of all commands, by their nouns. */
export function markdownIndex(entries: readonly ReferenceEntry[], nouns: Readonly<Record<string, string>>): string {
  const groups = [
    ['Commands', entries.filter(({ name }) => !name.includes(' '))] as const,
    ...Object.entries(nouns).map(([noun, title]) => [title, entries.filter(({ name }) => name.startsWith(`${noun} `))] as const),
  ]
  const lists = groups
    .filter(([, found]) => found.length > 0)
    .map(([title, found]) => {
      const rows = found.map((entry) => [`[${code(entry.name)}](${pageName(entry)}.md)`, escaped(entry.summary)] as const)
      return `## ${title}\n\n${table(['command', 'what it does'], rows)}`
    })
  return `${['# Reference', introduction, ...lists, `## Options of every command\n\n${flagTable(referenceFlags(globalFlags))}`].join('\n\n')}\n`
}

const introduction = `Every command and option, as \`podwright COMMAND --help\` has them; a test compares the two. What docker and podman have, and how it differs, is in
[compatibility](../compatibility.md). The same pages come with the package as man pages: \`man podwright-run\`.`

function flagTable(flags: readonly ReferenceFlag[]): string {
  return table(
    ['option', 'meaning', 'default'],
    flags.map((flag) => [flagTerm(flag), flagMeaning(flag), flag.defaultText === undefined ? '' : escaped(flag.defaultText)]),
  )
}

function flagTerm({ names, value }: ReferenceFlag): string {
  return names.map((name, at) => code(at === names.length - 1 && value !== undefined ? `${name} ${value}` : name)).join(', ')
}

function flagMeaning({ meaning, choices, isRepeatable }: ReferenceFlag): string {
  const told = choices.filter((choice) => !meaning.includes(choice))
  const ofChoices = told.length === 0 ? '' : ` One of ${choices.map(code).join(', ')}.`
  return `${escaped(meaning)}${ofChoices}${isRepeatable ? ' May be given several times.' : ''}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}

/** What would be markup in Markdown. */
function escaped(text: string): string {
  return text.replaceAll(/[<>*_[\]]/g, String.raw`\$&`)
}
