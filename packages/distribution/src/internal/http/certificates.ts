import { join } from 'node:path'

/** Whom to trust at a host besides the known authorities, and who to be there. */
export interface HostCertificates {
  /** PEM. */
  readonly authorities: readonly string[]
  readonly cert?: string[]
  readonly key?: string[]
}

/**
 * Reads a host's directory out of each of some (containers-certs.d(5)): `*.crt` are authorities, `NAME.cert` and `NAME.key` a client certificate.
 *
 * @param host with port, where one is given
 */
export async function readCertificates(directories: readonly string[], host: string): Promise<HostCertificates> {
  const files = (await Promise.all(directories.map((directory) => listFiles(join(directory, host))))).flat()
  if (files.length === 0) return { authorities: [] }
  const { readFile } = await import('node:fs/promises')
  const readAll = (suffix: string): Promise<string[]> =>
    Promise.all(files.filter((file) => file.endsWith(suffix)).map((file) => readFile(file, 'utf8')))
  const [authorities, cert, key] = await Promise.all([readAll('.crt'), readAll('.cert'), readAll('.key')])
  return cert.length > 0 && key.length > 0 ? { authorities, cert, key } : { authorities }
}

async function listFiles(directory: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises')
  try {
    return (await readdir(directory)).toSorted().map((name) => join(directory, name))
  } catch {
    // Most hosts have none, and one that a plain user may not read holds nothing for them.
    return []
  }
}
