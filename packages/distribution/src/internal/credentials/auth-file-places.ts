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
  const home = options.homeDirectory ?? environment['HOME'] ?? environment['USERPROFILE']
  const runtime = environment['XDG_RUNTIME_DIR'] ? join(environment['XDG_RUNTIME_DIR'], 'containers') : runtimeDirectory()
  const config = environment['XDG_CONFIG_HOME'] || (home && join(home, '.config'))
  const docker = environment['DOCKER_CONFIG'] || (home && join(home, '.docker'))
  const paths = [
    runtime && join(runtime, 'auth.json'),
    config && join(config, 'containers', 'auth.json'),
    docker && join(docker, 'config.json'),
  ]
  return paths.flatMap((path) => (path ? [{ path, required: false }] : []))
}

/** What containers' tools use without XDG_RUNTIME_DIR. */
function runtimeDirectory(): string | undefined {
  const uid = process.platform === 'linux' ? process.getuid?.() : undefined
  return uid === undefined ? undefined : join('/run/containers', String(uid))
}
