/** An example of a README: a `ts` block with `<!-- example -->` on the line before. */
export interface Example {
  /** From 1, in the order of the document. */
  readonly number: number
  /** The line of the document on which the code begins, from 1. */
  readonly line: number
  readonly code: string
}

const mark = '<!-- example -->'

/** The examples of a Markdown text. @throws when a mark is not followed by a `ts` block that is closed. */
export function extractExamples(markdown: string): readonly Example[] {
  const lines = markdown.split('\n')
  return lines
    .flatMap((line, index) => (line.trim() === mark ? [index] : []))
    .map((markIndex, index) => ({ number: index + 1, ...blockAfter(lines, markIndex) }))
}

/** The packages that a Markdown text tells its reader to install, by its lines `npm install …`. */
export function installedPackages(markdown: string): readonly string[] {
  const lines = markdown.split('\n').flatMap((line) => /^ {4}npm install (.+)$/.exec(line)?.[1] ?? [])
  return [...new Set(lines.flatMap((words) => words.split(/\s+/).filter((word) => !word.startsWith('-'))))]
}

/** The packages that an example imports; Node's own modules are not among them. */
export function importedPackages({ code }: Example): readonly string[] {
  const modules = [...code.matchAll(/\bfrom '([^']+)'/g), ...code.matchAll(/\bimport\('([^']+)'\)/g)].map(([, module]) => module!)
  return [...new Set(modules.filter((module) => !module.startsWith('node:')).map(packageOf))]
}

function packageOf(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/')
}

function blockAfter(lines: readonly string[], markIndex: number): { readonly line: number; readonly code: string } {
  // The formatter may put an empty line between a comment and a block.
  const fence = lines[markIndex + 1]?.trim() === '' ? markIndex + 2 : markIndex + 1
  if (lines[fence]?.trim() !== '```ts') throw new Error(`line ${markIndex + 1}: ${mark} is not followed by a ts block`)
  const end = lines.indexOf('```', fence + 1)
  if (end < 0) throw new Error(`line ${fence + 1}: the block is not closed`)
  return { line: fence + 2, code: `${lines.slice(fence + 1, end).join('\n')}\n` }
}
