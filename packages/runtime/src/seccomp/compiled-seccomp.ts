import type { Runtime } from '@podwright/contracts'
import type { RuntimeSpec } from '@podwright/oci'
import { randomHex } from '@podwright/linux'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** crun loads the program that is in this annotation, in base64, instead of compiling the seccomp section. */
const annotation = 'run.oci.seccomp_bpf_data'

/** A BPF instruction has 8 bytes (struct sock_filter). */
const instructionBytes = 8

/**
 * Compiled filters, kept by what they were compiled from. crun hands a profile's 400 rules for three architectures to libseccomp, which
 * takes as long as all else it does for a container together; the outcome is always the same.
 */
export interface CompiledSeccomp {
  /** The spec with the compiled filter beside its section, when one is kept for it. A crun that doesn't know it uses the section. */
  apply(spec: RuntimeSpec): RuntimeSpec
  /** Keeps the filter that crun has compiled for a container just created. Never fails. */
  keep(spec: RuntimeSpec, id: string): void
}

/** Filters of that runtime, in a directory that only its user can write to; undefined for runtimes other than crun. */
export function compiledSeccomp(runtime: Runtime, directory: string | undefined): CompiledSeccomp | undefined {
  const root = runtime.globalArguments[runtime.globalArguments.indexOf('--root') + 1]
  if (directory === undefined || runtime.name !== 'crun' || root === undefined) return undefined
  const find = (spec: RuntimeSpec): { readonly path: string; readonly source: string } | undefined => {
    if (spec.linux.seccomp === undefined || spec.annotations?.[annotation] !== undefined) return undefined
    const source = sourceOf(runtime, spec)
    return { path: join(directory, `${checksum(source)}.json`), source }
  }
  return {
    apply: (spec) => {
      const place = find(spec)
      const program = place === undefined ? undefined : readProgram(place.path, place.source)
      return program === undefined ? spec : { ...spec, annotations: { ...spec.annotations, [annotation]: program } }
    },
    keep: (spec, id) => {
      const place = find(spec)
      if (place === undefined) return
      try {
        const program = readFileSync(join(root, id, 'seccomp.bpf'))
        if (!isProgram(program)) return
        const fresh = `${place.path}.${randomHex(6)}`
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        writeFileSync(fresh, JSON.stringify({ source: place.source, program: program.toString('base64') }), { mode: 0o600 })
        renameSync(fresh, place.path)
      } catch {
        // Only time is lost.
      }
    },
  }
}

/** What a filter is compiled from. Another crun may compile differently. */
function sourceOf(runtime: Runtime, spec: RuntimeSpec): string {
  const { mtimeMs, size } = statSync(runtime.path)
  return JSON.stringify([runtime.path, mtimeMs, size, spec.linux.seccomp])
}

/** Of 20,000 characters, as many as are hashed within 0.1 ms by code that has not run before. */
const stride = 37

/** Names a file (FNV-1a, 32 bits, of some characters). What is in it is compared, so two sources of one name cost time and nothing else. */
function checksum(text: string): string {
  let hash = 0x811c9dc5 ^ text.length
  for (let index = 0; index < text.length; index += stride) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(16)
}

function readProgram(path: string, source: string): string | undefined {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { readonly source?: unknown; readonly program?: unknown }
    if (kept.source !== source || typeof kept.program !== 'string') return undefined
    return isProgram(Buffer.from(kept.program, 'base64')) ? kept.program : undefined
  } catch {
    return undefined
  }
}

function isProgram(bytes: Uint8Array): boolean {
  return bytes.byteLength > 0 && bytes.byteLength % instructionBytes === 0
}
