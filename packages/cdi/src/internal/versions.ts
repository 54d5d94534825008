import type { CdiSpec, ContainerEdits } from '../spec.ts'
import { CdiError } from '../errors.ts'

/** The released versions that can be read (SPEC.md, "Released versions"), the oldest first. */
export const specVersions = ['0.3.0', '0.4.0', '0.5.0', '0.6.0', '0.7.0', '0.8.0', '1.0.0', '1.1.0'] as const
type SpecVersion = (typeof specVersions)[number]

/** A place in a spec that not every version has. */
interface Feature {
  readonly path: string
  readonly since?: SpecVersion
  /** The first version without it. */
  readonly until?: SpecVersion
}

/** Holds a spec to what its own version has, as the minimum versions of the specification ask. @throws CdiError `ERR_CDI_SPEC_INVALID` */
export function checkVersion(spec: CdiSpec): void {
  const own = rank(spec.cdiVersion.replace(/^v/, ''))
  for (const { path, since, until } of featuresOf(spec)) {
    if (since !== undefined && own < rank(since)) {
      throw new CdiError('ERR_CDI_SPEC_INVALID', `${path} needs cdiVersion ${since} or later, and this spec is of ${spec.cdiVersion}`, {
        details: { path },
      })
    }
    if (until !== undefined && own >= rank(until)) {
      throw new CdiError('ERR_CDI_SPEC_INVALID', `${path} is gone since cdiVersion ${until}, and this spec is of ${spec.cdiVersion}`, {
        details: { path },
      })
    }
  }
}

function rank(version: string): number {
  return specVersions.indexOf(version as SpecVersion)
}

function* featuresOf(spec: CdiSpec): Generator<Feature> {
  if (spec.kind.slice(spec.kind.indexOf('/')).includes('.')) yield { path: 'kind, with a dot in the class,', since: '0.6.0' }
  if (hasKeys(spec.annotations)) yield { path: 'annotations', since: '0.6.0' }
  if (spec.containerEdits !== undefined) yield* featuresOfEdits(spec.containerEdits, 'containerEdits')
  for (const [index, device] of spec.devices.entries()) {
    const path = `devices[${index}]`
    if (/^\d/.test(device.name)) yield { path: `${path}.name, with a digit first,`, since: '0.5.0' }
    if (hasKeys(device.annotations)) yield { path: `${path}.annotations`, since: '0.6.0' }
    yield* featuresOfEdits(device.containerEdits, `${path}.containerEdits`)
  }
}

function* featuresOfEdits(edits: ContainerEdits, path: string): Generator<Feature> {
  const { intelRdt } = edits
  for (const [index, mount] of (edits.mounts ?? []).entries()) {
    if (mount.type !== undefined) yield { path: `${path}.mounts[${index}].type`, since: '0.4.0' }
  }
  for (const [index, node] of (edits.deviceNodes ?? []).entries()) {
    if (node.hostPath !== undefined) yield { path: `${path}.deviceNodes[${index}].hostPath`, since: '0.5.0' }
  }
  if ((edits.additionalGids ?? []).length > 0) yield { path: `${path}.additionalGids`, since: '0.7.0' }
  if (edits.netDevices !== undefined) yield { path: `${path}.netDevices`, since: '1.1.0' }
  if (intelRdt === undefined) return
  yield { path: `${path}.intelRdt`, since: '0.7.0' }
  for (const name of ['schemata', 'enableMonitoring'] as const) {
    if (intelRdt[name] !== undefined) yield { path: `${path}.intelRdt.${name}`, since: '1.1.0' }
  }
  for (const name of ['enableCMT', 'enableMBM'] as const) {
    if (intelRdt[name] !== undefined) yield { path: `${path}.intelRdt.${name}`, until: '1.1.0' }
  }
}

function hasKeys(annotations: Readonly<Record<string, string>> | undefined): boolean {
  return annotations !== undefined && Object.keys(annotations).length > 0
}
