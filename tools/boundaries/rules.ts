import { isBuiltin } from 'node:module'
import type { WorkspacePackage } from '../workspace/workspace.ts'
import { type FoundReference, type ImportGraph, type PackageNode, targetOf } from './graph.ts'
import { packageOf } from './imports.ts'
import { layerOf, whyNotBelow } from './layers.ts'
import type { BoundaryPolicy, Layer } from './policy.ts'

/** The rules, by name. */
export type BoundaryRule = 'empty-graph' | 'layer' | 'upward' | 'undeclared' | 'unused' | 'relative' | 'subpath' | 'third-party' | 'cycle'

/** One breach. */
export interface Violation {
  readonly rule: BoundaryRule
  /** A file with its line, or a manifest. */
  readonly where: string
  readonly message: string
}

/** What a rule looks at. */
interface Subject {
  readonly graph: ImportGraph
  readonly policy: BoundaryPolicy
  readonly node: PackageNode
  readonly neighbours: ReadonlyMap<string, WorkspacePackage>
}

/** Every breach of `policy` in the workspace, packages in their order. */
export function findViolations(graph: ImportGraph, policy: BoundaryPolicy): readonly Violation[] {
  if (graph.nodes.every((node) => node.references.length === 0)) {
    return [{ rule: 'empty-graph', where: graph.root, message: 'no package with an import was found: the check saw nothing' }]
  }
  const neighbours = new Map(graph.nodes.map((node) => [node.package.name, node.package]))
  const perPackage = graph.nodes.flatMap((node) => {
    const subject = { graph, policy, node, neighbours }
    const layer = checkLayer(subject)
    return [
      ...layer,
      ...(layer.length > 0 ? [] : checkManifest(subject)),
      ...node.references.flatMap((found) => checkReference(subject, found)),
    ]
  })
  return [...perPackage, ...findCycles(graph)]
}

function checkLayer({ node, policy }: Subject): Violation[] {
  const layer = layerOf(node.package, policy)
  return typeof layer === 'string' ? [{ rule: 'layer', where: manifestOf(node), message: layer }] : []
}

/** The manifest's own claims: directions, third parties, and dependencies that nothing imports. */
function checkManifest(subject: Subject): Violation[] {
  const { node, neighbours, policy } = subject
  const where = manifestOf(node)
  const used = usedPackages(subject)
  return shippedDependencies(subject).flatMap((name): Violation[] => {
    const neighbour = neighbours.get(name)
    const reason = neighbour && whyNotBelow(node.package, neighbour, policy)
    if (reason !== undefined) return [{ rule: 'upward', where, message: `depends on ${name}: ${reason}` }]
    if (neighbour === undefined && !isAllowedThirdParty(subject, name)) {
      return [{ rule: 'third-party', where, message: `depends on ${name}, which is not on its list in tools/boundaries/policy.ts` }]
    }
    return used.has(name) ? [] : [{ rule: 'unused', where, message: `declares ${name}, which nothing that ships imports` }]
  })
}

function checkReference(subject: Subject, found: FoundReference): Violation[] {
  const where = `${found.file}:${found.line}`
  if (found.specifier.startsWith('.')) return checkRelative(subject, found, where)
  if (isBuiltin(found.specifier)) return []
  const name = packageOf(found.specifier)
  const neighbour = subject.neighbours.get(name)
  const violations = neighbour === undefined ? [] : checkNeighbour(subject, found, neighbour, where)
  return violations.length > 0 ? violations : checkDeclared(subject, found, name, where)
}

/** A relative path stays in its package; configuration may reach the shared files at the root. */
function checkRelative({ node }: Subject, found: FoundReference, where: string): Violation[] {
  const target = targetOf(found)
  if (target.startsWith(`${node.package.directory}/`)) return []
  const isSharedConfiguration = !target.includes('/') && target.endsWith('.shared.ts') && found.file.endsWith('.config.ts')
  return isSharedConfiguration ? [] : [{ rule: 'relative', where, message: `${found.specifier} leaves the package; import it by its name` }]
}

/** What ships imports what its manifest declares; tests may also import development dependencies, their own and the workspace's. */
function checkDeclared(subject: Subject, found: FoundReference, name: string, where: string): Violation[] {
  const { graph, node, policy } = subject
  if (name === node.package.name) return []
  const { manifest } = node.package
  const mayUseDevelopment = !found.ships || traitsOf(node, policy).isInternal === true
  const development = { ...manifest.devDependencies, ...graph.rootManifest.devDependencies }
  if (shippedDependencies(subject).includes(name) || (mayUseDevelopment && name in development)) return []
  const places = mayUseDevelopment ? 'dependencies or devDependencies' : 'dependencies'
  return [{ rule: 'undeclared', where, message: `imports ${name}, which is not in the ${places} of ${manifestOf(node)}` }]
}

function checkNeighbour({ node, policy }: Subject, found: FoundReference, neighbour: WorkspacePackage, where: string): Violation[] {
  const violations: Violation[] = []
  const reason = found.ships ? whyNotBelow(node.package, neighbour, policy) : undefined
  if (reason !== undefined) violations.push({ rule: 'upward', where, message: `imports ${neighbour.name}: ${reason}` })
  const subpath = found.specifier.slice(neighbour.name.length)
  if (subpath !== '' && !(`.${subpath}` in (neighbour.manifest.exports ?? {}))) {
    violations.push({ rule: 'subpath', where, message: `${found.specifier} is not among the exports of ${neighbour.name}` })
  }
  return violations
}

function isAllowedThirdParty({ node, policy }: Subject, name: string): boolean {
  return traitsOf(node, policy).isInternal === true || (policy.thirdParty[node.package.name] ?? []).includes(name)
}

function traitsOf(node: PackageNode, policy: BoundaryPolicy): Partial<Layer> {
  const layer = layerOf(node.package, policy)
  return typeof layer === 'string' ? {} : layer
}

/** What whoever installs the package gets with it: its dependencies, and what is bundled into it. */
function shippedDependencies({ node, policy }: Subject): string[] {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = node.package.manifest
  const bundled = traitsOf(node, policy).isBundled === true ? devDependencies : {}
  return Object.keys({ ...dependencies, ...bundled, ...optionalDependencies, ...peerDependencies })
}

/** What the package's code imports; and, where its neighbours are bundled into it, what theirs does. */
function usedPackages({ graph, node, policy }: Subject): ReadonlySet<string> {
  const used = new Set<string>()
  const isBundled = traitsOf(node, policy).isBundled === true
  const visit = (current: PackageNode): void => {
    for (const found of current.references) {
      const name = packageOf(found.specifier)
      if (!found.ships || used.has(name)) continue
      used.add(name)
      const neighbour = graph.nodes.find((other) => other.package.name === name)
      if (isBundled && neighbour !== undefined) visit(neighbour)
    }
  }
  visit(node)
  return used
}

function manifestOf(node: PackageNode): string {
  return `${node.package.directory}/package.json`
}

/** Each cycle among packages once, through what they declare (for development too: builds follow that order) or import. */
function findCycles(graph: ImportGraph): Violation[] {
  const names = new Set(graph.nodes.map((node) => node.package.name))
  const edges = new Map(graph.nodes.map((node) => [node.package.name, neighboursOf(node, names)]))
  const finished = new Set<string>()
  const violations: Violation[] = []
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name)
    if (start >= 0) {
      const cycle = [...path.slice(start), name].join(' → ')
      violations.push({ rule: 'cycle', where: graph.root, message: cycle })
      return
    }
    if (finished.has(name)) return
    for (const next of edges.get(name) ?? []) visit(next, [...path, name])
    finished.add(name)
  }
  for (const name of names) visit(name, [])
  return violations
}

function neighboursOf(node: PackageNode, names: ReadonlySet<string>): string[] {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = node.package.manifest
  const declared = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies })
  const imported = node.references.filter((found) => !found.specifier.startsWith('.')).map((found) => packageOf(found.specifier))
  return [...new Set([...declared, ...imported])].filter((name) => names.has(name) && name !== node.package.name)
}
