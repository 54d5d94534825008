import { join } from 'node:path'
import type { CredentialStoreOptions } from '../../credential-store.ts'

/** A file that may hold credentials. */
export interface AuthFilePlace {
  readonly path: string
  /** Whether it is an error that it isn't there. */
  readonly required: boolean
}

/** Where to look, in order (containers-auth.json(5), and docker's `DOCKER_CONFIG`). */
export function authFilesOf(options: CredentialStoreOptions): AuthFilePlace[] {
  const { authFile, environment = process.env } = options
  if (authFile !== undefined) return [{ path: authFile, required: true }]
  if (environment['REGISTRY_AUTH_FILE']) return [{ path: environment['REGISTRY_AUTH_FILE'], required: false }]
  const { runtime, config, docker } = directoriesOf(options)
  const paths = [runtime && join(runtime, 'auth.json'), config && join(config, 'auth.json'), docker && join(docker, 'config.json')]
  return paths.flatMap((path) => (path ? [{ path, required: false }] : []))
}

/**
 * Where a login is written: the file given, `$REGISTRY_AUTH_FILE`, or the auth.json that is gone after a reboot, or else the one that stays, where the
 * first can't be written to. Docker's config.json only when it is given.
 */
export async function authFileToWrite(options: CredentialStoreOptions): Promise<string> {
  const { authFile, environment = process.env } = options
  const given = authFile ?? (environment['REGISTRY_AUTH_FILE'] || undefined)
  if (given !== undefined) return given
  const { runtime, config } = directoriesOf(options)
  if (runtime !== undefined && (await isWritable(runtime, environment['XDG_RUNTIME_DIR']))) return join(runtime, 'auth.json')
  return join(config ?? runtime ?? '.', 'auth.json')
}

interface AuthDirectories {
  readonly runtime: string | undefined
  readonly config: string | undefined
  readonly docker: string | undefined
}

function directoriesOf({ environment = process.env, homeDirectory }: CredentialStoreOptions): AuthDirectories {
  const home = homeDirectory ?? environment['HOME'] ?? environment['USERPROFILE']
  const config = environment['XDG_CONFIG_HOME'] || (home && join(home, '.config'))
  const runtime = environment['XDG_RUNTIME_DIR']
  return {
    runtime: runtime ? join(runtime, 'containers') : runtimeDirectory(),
    config: config ? join(config, 'containers') : undefined,
    docker: environment['DOCKER_CONFIG'] || (home ? join(home, '.docker') : undefined),
  }
}

/** What containers' tools use without XDG_RUNTIME_DIR. */
function runtimeDirectory(): string | undefined {
  const uid = process.platform === 'linux' ? process.getuid?.() : undefined
  return uid === undefined ? undefined : join('/run/containers', String(uid))
}

/** @param existing what must be there already: a runtime directory is made when somebody logs in at the machine, by nobody else */
async function isWritable(directory: string, existing: string | undefined): Promise<boolean> {
  const { access, constants, mkdir } = await import('node:fs/promises')
  try {
    if (existing) await access(existing)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}
