import { formatReference, normalizeReference } from '@podwright/oci'

/** Whether a text begins with a transport: `oci:…`. `localhost:5000/app` and `debian:12` don't. */
export function isPlace(typed: string): boolean {
  return /^(?:docker:\/\/|(?:oci|oci-archive|docker-archive|dir|containers-storage|docker-daemon):)/.test(typed)
}

/** The full name of what `docker://` leads to, without its tag. */
export function nameOf(place: string): string {
  const { registry, repository } = normalizeReference(place.slice('docker://'.length))
  return formatReference({ registry, repository })
}
