import { join } from 'node:path'

/** Options of `certificateDirectories`. */
export interface CertificateDirectoriesOptions {
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the user's home */
  readonly homeDirectory?: string | undefined
}

/** Where containers' tools and docker keep authorities and client certificates by registry (containers-certs.d(5)): the user's first. */
export function certificateDirectories(options: CertificateDirectoriesOptions = {}): string[] {
  const { environment = process.env } = options
  const home = options.homeDirectory ?? environment['HOME']
  const config = environment['XDG_CONFIG_HOME'] || (home && join(home, '.config'))
  return [...(config ? [join(config, 'containers/certs.d')] : []), '/etc/containers/certs.d', '/etc/docker/certs.d']
}
