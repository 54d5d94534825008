import type { ContainerMount } from '@podwright/contracts'

/** A mount as `--mount` takes it. */
export function mountWords({ type, source, target, readOnly, options = [], volume, changeOwner, relabel }: ContainerMount): string {
  const fields = [
    `type=${type}`,
    ...(source === undefined || (type === 'volume' && volume?.anonymous === true) ? [] : [`source=${source}`]),
    `destination=${target}`,
    ...(readOnly === undefined ? [] : [readOnly ? 'readonly' : 'readonly=false']),
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

function named(field: string, values: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(values).map(([name, value]) => `${field}=${name}=${value}`)
}

function tmpfsWord(option: string): string {
  return /^(?:size|mode)=/.test(option) ? `tmpfs-${option}` : option
}

/** A field of one CSV record. */
function csvField(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
