/** An entry of a layer as its bytes say it; nothing is checked, so that hostile ones can be made. */
export interface TarEntry {
  readonly path: string
  /** @default 'file' */
  readonly type?: 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'
  readonly content?: string | Uint8Array
  /** Target of a link. */
  readonly target?: string
  /** @default 0o755 for directories, 0o644 otherwise */
  readonly mode?: number
  /** @default 0 */
  readonly uid?: number
  /** @default 0 */
  readonly gid?: number
  /** Seconds since the epoch, with fractions. @default 1_700_000_000 */
  readonly mtime?: number
  /** Device numbers. */
  readonly device?: readonly [major: number, minor: number]
  /** PAX records; xattrs as `SCHILY.xattr.NAME`. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>>
  /** The size that the header claims, where it lies. */
  readonly claimedSize?: number
}

const typeFlags = { file: '0', hardlink: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' } as const
const blockSize = 512

/** An uncompressed POSIX.1-2001 (pax) archive. */
export function packTar(entries: Iterable<TarEntry>): Uint8Array {
  const parts: Uint8Array[] = []
  for (const entry of entries) parts.push(...packEntry(entry))
  parts.push(new Uint8Array(2 * blockSize))
  return Buffer.concat(parts)
}

function packEntry(entry: TarEntry): Uint8Array[] {
  const type = entry.type ?? 'file'
  const content = Buffer.from(entry.content ?? '')
  const records = paxRecords(entry)
  const size = entry.claimedSize ?? (type === 'file' ? content.length : 0)
  const main = [header(entry, typeFlags[type], size), padded(content)]
  if (records.length === 0) return main
  const pax = Buffer.concat(records)
  return [header({ path: 'PaxHeader' }, 'x', pax.length), padded(pax), ...main]
}

function paxRecords({ path, target, mtime, pax }: TarEntry): Uint8Array[] {
  const records: [string, string | Uint8Array][] = Object.entries(pax ?? {})
  if (Buffer.byteLength(path) > 100) records.push(['path', path])
  if (target !== undefined && Buffer.byteLength(target) > 100) records.push(['linkpath', target])
  if (mtime !== undefined && !Number.isInteger(mtime)) records.push(['mtime', mtime.toFixed(9)])
  return records.map(([key, value]) => paxRecord(key, Buffer.from(value)))
}

/** `LENGTH KEY=VALUE\n`, whose length counts its own digits. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function header(entry: TarEntry, flag: string, size: number): Uint8Array {
  const block = Buffer.alloc(blockSize)
  const octal = (value: number, offset: number, length: number): void => {
    // Larger than the digits hold: base 256, as GNU tar writes it.
    if (value >= 8 ** (length - 1)) {
      block.writeBigUInt64BE(BigInt(value), offset + length - 8)
      block[offset] = 0x80
    } else block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1')
  }
  Buffer.from(entry.path).subarray(0, 100).copy(block, 0)
  octal(entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644), 100, 8)
  octal(entry.uid ?? 0, 108, 8)
  octal(entry.gid ?? 0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(entry.mtime ?? 1_700_000_000), 136, 12)
  block.write(flag, 156, 'latin1')
  Buffer.from(entry.target ?? '')
    .subarray(0, 100)
    .copy(block, 157)
  block.write('ustar\x0000', 257, 'latin1')
  octal(entry.device?.[0] ?? 0, 329, 8)
  octal(entry.device?.[1] ?? 0, 337, 8)
  return withChecksum(block)
}

/** The header with the checksum that it has now; for one whose bytes were changed by hand. */
export function withChecksum(block: Buffer): Buffer {
  block.write(' '.repeat(8), 148, 'latin1')
  let sum = 0
  for (const byte of block.subarray(0, blockSize)) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padded(content: Uint8Array): Uint8Array {
  const length = Math.ceil(content.length / blockSize) * blockSize
  return Buffer.concat([content, new Uint8Array(length - content.length)])
}
