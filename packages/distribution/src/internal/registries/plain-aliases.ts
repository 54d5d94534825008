const alias = /^"([\w./-]+)"\s*=\s*"([\w./:@-]+)"\s*(?:#.*)?$/

/**
 * The aliases of a file that has nothing else, each on a line and quoted, as the `shortnames.conf` that distributions ship: a parser of TOML takes longer to be
 * loaded than all the rest of such a file's reading. Undefined for any other file.
 */
export function readPlainAliases(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const [title, ...entries] = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (title !== '[aliases]') return undefined
  const aliases = new Map<string, string>()
  for (const entry of entries) {
    const [, name, target] = alias.exec(entry) ?? []
    // One that is there twice is for the parser to complain of.
    if (name === undefined || target === undefined || aliases.has(name)) return undefined
    aliases.set(name, target)
  }
  return Object.fromEntries(aliases)
}
