/** A date as Go prints it by default, without a fraction: `2026-01-31 10:00:00 +0000 UTC`. */
export function goDate(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`
}

/** A date as docker and podman write it in JSON; Go's zero time for what never was. */
export function jsonDate(date: Date | undefined): string {
  return date === undefined ? '0001-01-01T00:00:00Z' : date.toISOString()
}

/** Whole seconds since the epoch; Go's zero time for what never was. */
export function unixSeconds(date: Date | undefined): number {
  return date === undefined ? -62_135_596_800 : Math.floor(date.getTime() / 1000)
}
