import type { Runtime } from '@podwright/contracts'
import type { RuntimeSpec } from '@podwright/oci'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
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
  apply(spec: RuntimeSpec): Promise<RuntimeSpec>
  /** Keeps the filter that crun has compiled for a container just created. Never fails. */
  keep(spec: RuntimeSpec, id: string): Promise<void>
}

/** Filters of that runtime, in a directory that only its user can write to; undefined for runtimes other than crun. */
export function compiledSeccomp(runtime: Runtime, directory: string | undefined): CompiledSeccomp | undefined {
  const root = runtime.globalArguments[runtime.globalArguments.indexOf('--root') + 1]
  if (directory === undefined || runtime.name !== 'crun' || root === undefined) return undefined
  const kept = async (spec: RuntimeSpec): Promise<string | undefined> => {
    const isOurs = spec.linux.seccomp !== undefined && spec.annotations?.[annotation] === undefined
    return isOurs ? join(directory, `${await keyOf(runtime, spec)}.bpf`) : undefined
  }
  return {
    apply: async (spec) => {
      const path = await kept(spec)
      const program = path === undefined ? undefined : await readProgram(path)
      return program === undefined ? spec : { ...spec, annotations: { ...spec.annotations, [annotation]: program } }
    },
    keep: async (spec, id) => {
      const path = await kept(spec)
      if (path === undefined) return
      try {
        const program = await readFile(join(root, id, 'seccomp.bpf'))
        if (!isProgram(program)) return
        const fresh = `${path}.${randomBytes(6).toString('hex')}`
        await mkdir(directory, { recursive: true, mode: 0o700 })
        await writeFile(fresh, program, { mode: 0o600 })
        await rename(fresh, path)
      } catch {
        // Only time is lost.
      }
    },
  }
}

/** Another crun may compile differently. */
async function keyOf(runtime: Runtime, spec: RuntimeSpec): Promise<string> {
  const { mtimeMs, size } = await stat(runtime.path)
  return createHash('sha256')
    .update(JSON.stringify([runtime.path, mtimeMs, size, spec.linux.seccomp]))
    .digest('hex')
}

async function readProgram(path: string): Promise<string | undefined> {
  try {
    const program = await readFile(path)
    return isProgram(program) ? program.toString('base64') : undefined
  } catch {
    return undefined
  }
}

function isProgram(bytes: Uint8Array): boolean {
  return bytes.byteLength > 0 && bytes.byteLength % instructionBytes === 0
}
