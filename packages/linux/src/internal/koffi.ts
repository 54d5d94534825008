import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LibraryHandle } from 'koffi'
import { LinuxError } from '../errors.ts'

/** The part of koffi that is used here. */
export interface Koffi {
  load(path: string): LibraryHandle
  errno(): number
}

let loaded: Koffi | undefined

/**
 * koffi, opened on first use.
 *
 * Its JavaScript entry costs 15 to 19 ms, since it reads the ELF headers of Node to find out the C library and inspects the machine. Opening the
 * binary itself costs about one. The entry is the fallback, should a future version lay out its files differently.
 */
export function koffi(): Koffi {
  loaded ??= openBinary() ?? requireEntry()
  return loaded
}

/** Whether this Node runs on musl; a glibc machine may have musl installed beside, so that its loader alone proves nothing. */
export function isMusl(): boolean {
  const architecture = process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : process.arch
  if (!existsSync(`/lib/ld-musl-${architecture}.so.1`)) return false
  return readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-')
}

function openBinary(): Koffi | undefined {
  for (const path of binaryCandidates()) {
    try {
      const holder: { exports: Partial<Koffi> } = { exports: {} }
      process.dlopen(holder, path)
      if (typeof holder.exports.load === 'function') return holder.exports as Koffi
    } catch {
      // The next candidate, or the entry, whose error says more.
    }
  }
  return undefined
}

/**
 * Where the binary may be: beside a bundle that carries it, in a node_modules directory above, or where Node's resolution finds koffi itself. The walk is
 * that resolution by hand, since `createRequire` costs 2 ms.
 */
function* binaryCandidates(): Generator<string> {
  const file = `${isMusl() ? 'musl' : 'linux'}_${process.arch}/koffi.node`
  const name = `@koromix/koffi-linux-${process.arch}/${file}`
  const here = dirname(fileURLToPath(import.meta.url))
  yield* [join(here, 'koffi', file)].filter((path) => existsSync(path))
  for (let directory = here; ; directory = dirname(directory)) {
    const path = join(directory, 'node_modules', name)
    if (existsSync(path)) yield path
    if (directory === dirname(directory)) break
  }
  // A strict layout (pnpm) lets only koffi see its platform packages.
  const nested = attempt(() => createRequire(createRequire(import.meta.url).resolve('koffi')).resolve(name))
  if (nested !== undefined) yield nested
}

function requireEntry(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi
  } catch (cause) {
    throw new LinuxError('ERR_LINUX_LIBC', `cannot open the C library: koffi is not usable on linux ${process.arch}`, {
      cause,
      hint: 'Install the npm package koffi with its optional dependencies (npm install --include=optional koffi).',
    })
  }
}

function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
