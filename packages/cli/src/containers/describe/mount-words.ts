import type { ContainerMount } from '@podwright/contracts'
import { csvField } from '../csv-fields.ts'

/** A mount as `--mount` takes it. */
export function mountWords(mount: ContainerMount): string {
  const { type, source, target, options = [], volume, changeOwner, relabel, subpath } = mount
  const fields = [
    `type=${type}`,
    ...(source === undefined || (type === 'volume' && volume?.anonymous === true) ? [] : [`source=${source}`]),
    `destination=${target}`,
    ...accessWords(mount),
    ...(subpath === undefined ? [] : [`subpath=${subpath}`]),
    ...artifactWords(mount),
    ...options.map((option) => (type === 'tmpfs' ? tmpfsWord(option) : option)),
    ...(changeOwner === true ? ['U'] : []),
    ...(relabel === undefined ? [] : [`relabel=${relabel}`]),
    ...(volume?.driver === undefined ? [] : [`volume-driver=${volume.driver}`]),
    ...named('volume-opt', volume?.options),
    ...named('volume-label', volume?.labels),
    ...(volume?.noCopy === true ? ['volume-nocopy'] : []),
  ]
  return fields.map(csvField).join(',')
}

/** Artifacts are read-only in any case. */
function accessWords({ type, readOnly }: ContainerMount): readonly string[] {
  if (type === 'artifact' || readOnly === undefined) return []
  return [readOnly ? 'readonly' : 'readonly=false']
}

function artifactWords({ artifact: { title, digest, name } = {} }: ContainerMount): readonly string[] {
  return Object.entries({ title, digest, name }).flatMap(([field, value]) => (value === undefined ? [] : [`${field}=${value}`]))
}

function named(field: string, values: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(values).map(([name, value]) => `${field}=${name}=${value}`)
}

function tmpfsWord(option: string): string {
  return /^(?:size|mode)=/.test(option) ? `tmpfs-${option}` : option
}
