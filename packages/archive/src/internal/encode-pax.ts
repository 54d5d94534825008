/** A record of a PAX header. */
export interface PaxRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Records as `LENGTH KEY=VALUE\n`, sorted by key, where the length counts itself (POSIX.1-2017, pax, "pax Extended Header"). */
export function encodePax(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(records.toSorted((a, b) => Buffer.compare(a.key, b.key)).map(encodeRecord))
}

function encodeRecord({ key, value }: PaxRecord): Buffer {
  const rest = 1 + key.length + 1 + value.length + 1
  let length = rest + String(rest).length
  // One more digit may make the length one digit longer.
  length = rest + String(length).length
  return Buffer.concat([Buffer.from(`${length} `), key, Buffer.from('='), value, Buffer.from('\n')])
}
