import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where what is made once is kept. */
export function cacheDirectory(): string {
  const directory = process.getuid?.() === 0 ? '/var/cache/podwright-bench' : join(homedir(), '.cache/podwright-bench')
  mkdirSync(directory, { recursive: true })
  return directory
}

/** A Debian of about 170 MB as a tar, made with mmdebstrap the first time. */
export function debianArchive(): Iterable<Uint8Array> {
  return [debian()]
}

let bytes: Buffer | undefined

function debian(): Buffer {
  const path = join(cacheDirectory(), 'debian.tar')
  if (!existsSync(path)) {
    execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', 'bookworm', `${path}.new.tar`], { stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(`${path}.new.tar`, path)
  }
  return (bytes ??= readFileSync(path))
}

/** Bytes for made-up files, as compressible as programs and texts are: those of Debian from an offset on, which begin anew where they end. */
export function contentAt(offset: number, length: number): Uint8Array {
  const source = debian()
  const start = offset % source.length
  if (start + length <= source.length) return source.subarray(start, start + length)
  return Buffer.concat([source.subarray(start), contentAt(0, length - (source.length - start))])
}
