import type { WorkspacePackage } from '../workspace/workspace.ts'
import type { BoundaryPolicy, Layer } from './policy.ts'

/** The layer of a package, or a sentence that says why it has none. */
export function layerOf(entry: WorkspacePackage, policy: BoundaryPolicy): Layer | string {
  const tags = (entry.manifest.nx?.tags ?? []).filter((tag) => tag.startsWith('layer:'))
  if (tags.length !== 1) return `has ${tags.length} tags "layer:…" under "nx", and needs exactly one`
  const name = tags[0]!.slice('layer:'.length)
  return policy.layers.find((layer) => layer.name === name) ?? `has the tag "layer:${name}", which no layer has`
}

/** Why `from` may not import `to`: a sentence, or undefined when it may. */
export function whyNotBelow(from: WorkspacePackage, to: WorkspacePackage, policy: BoundaryPolicy): string | undefined {
  const upper = layerOf(from, policy)
  const lower = layerOf(to, policy)
  if (typeof upper === 'string' || typeof lower === 'string') return undefined
  if (upper === lower) return whyNotBeside(from, to, upper)
  const all = policy.layers.map((layer) => layer.name)
  const allowed = upper.below ?? all.slice(0, all.indexOf(upper.name))
  return allowed.includes(lower.name) ? undefined : `layer ${upper.name} may not import layer ${lower.name}`
}

function whyNotBeside(from: WorkspacePackage, to: WorkspacePackage, layer: Layer): string | undefined {
  const order = layer.order ?? []
  const [here, there] = [order.indexOf(from.name), order.indexOf(to.name)]
  if (here >= 0 && there >= 0 && there < here) return undefined
  return layer.order === undefined
    ? `rooms of layer ${layer.name} never import each other`
    : `within layer ${layer.name} the order is ${order.join(' ← ')}`
}
