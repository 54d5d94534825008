import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Names that a module takes from another one; `*`: all. */
interface Import {
  readonly path: string
  readonly names: readonly string[]
}

/** Import and export statements as the formatter writes them. */
const statements = /^(?:import|export)(?<typeOnly> type)? (?<names>[^'"]*?) ?from '(?<specifier>[^']+)'/gm

/**
 * The modules of the workspace that are needed as soon as `roots` are, themselves included: what they import, and what that imports, by the names that are
 * used. An entry that re-exports a whole package thus leads only to what is taken from it. What is imported when it is needed (`import()`) is not among them.
 *
 * @param packages absolute path of the directory of the packages
 * @param roots below it
 * @returns absolute paths
 */
export function reachableModules(packages: string, roots: readonly string[]): ReadonlySet<string> {
  const imports = new Map<string, readonly Import[]>()
  const importsOf = (path: string): readonly Import[] => {
    const known = imports.get(path) ?? readImports(packages, path)
    imports.set(path, known)
    return known
  }
  const reached = new Set<string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    for (const taken of importsOf(path)) for (const source of sourcesOf(taken, importsOf)) visit(source)
  }
  for (const root of roots) visit(join(packages, root))
  return reached
}

/** Where the names come from that are taken from a module: from behind it, when it is a package's entry. */
function sourcesOf({ path, names }: Import, importsOf: (path: string) => readonly Import[]): readonly string[] {
  if (!path.endsWith('/src/index.ts')) return [path]
  return importsOf(path)
    .filter((exported) => names.includes('*') || exported.names.some((name) => names.includes(name)))
    .map((exported) => exported.path)
}

function readImports(packages: string, path: string): readonly Import[] {
  return [...readFileSync(path, 'utf8').matchAll(statements)].flatMap(({ groups = {} }) => {
    const source = resolveSpecifier(packages, path, groups['specifier'] ?? '')
    const names = namesIn(groups['names'] ?? '')
    return groups['typeOnly'] !== undefined || source === undefined || names.length === 0 ? [] : [{ path: source, names }]
  })
}

function namesIn(clause: string): readonly string[] {
  const list = /\{([^}]*)\}/.exec(clause)?.[1]
  if (list === undefined) return ['*']
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.replace(/ as .*/, ''))
}

function resolveSpecifier(packages: string, importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return resolve(dirname(importer), specifier)
  const [, name] = /^@podwright\/([\w-]+)$/.exec(specifier) ?? []
  return name === undefined ? undefined : join(packages, name, 'src/index.ts')
}
