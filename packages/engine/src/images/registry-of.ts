import { parseNamed } from '@podwright/oci'

/** The registry that a name with a transport leads to; empty for what isn't at one. */
export function registryOf(place: string): string {
  return place.startsWith('docker://') ? (parseNamed(place.slice('docker://'.length)).registry ?? 'docker.io') : ''
}
