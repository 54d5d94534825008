import { join } from 'node:path'
import { DistributionError } from '../../errors.ts'

/** Whom to trust at a host besides the known authorities, and who to be there. */
export interface HostCertificates {
  /** PEM. */
  readonly authorities: readonly string[]
  readonly cert?: string[]
  readonly key?: string[]
}

/**
 * Reads a host's directory, out of the first of some that has one (containers-certs.d(5)): `*.crt` are authorities, `NAME.cert` and `NAME.key` a client
 * certificate.
 *
 * @param host with port, where one is given
 * @throws DistributionError `ERR_REGISTRY_TLS` for a client certificate without its key, or a key without its certificate
 */
export async function readCertificates(directories: readonly string[], host: string): Promise<HostCertificates> {
  for (const directory of directories) {
    const own = join(directory, host)
    const names = await listNames(own)
    if (names !== undefined) return readNamed(own, names)
  }
  return { authorities: [] }
}

/** The same of one that is for every host. @throws DistributionError `ERR_REGISTRY_TLS` also when it isn't there */
export async function readCertificateDirectory(directory: string): Promise<HostCertificates> {
  const names = await listNames(directory)
  if (names !== undefined) return readNamed(directory, names)
  throw new DistributionError('ERR_REGISTRY_TLS', `cannot use the certificates in ${directory}: it is no directory, or may not be read`, {
    details: { path: directory },
  })
}

async function readNamed(directory: string, names: readonly string[]): Promise<HostCertificates> {
  const { readFile } = await import('node:fs/promises')
  const read = (files: readonly string[]): Promise<string[]> => Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')))
  const clients = names.filter((name) => name.endsWith('.cert')).map((name) => name.slice(0, -'.cert'.length))
  requirePairs(directory, names, clients)
  const authorities = await read(names.filter((name) => name.endsWith('.crt')))
  if (clients.length === 0) return { authorities }
  return { authorities, cert: await read(clients.map((name) => `${name}.cert`)), key: await read(clients.map((name) => `${name}.key`)) }
}

function requirePairs(directory: string, names: readonly string[], clients: readonly string[]): void {
  const fail = (reason: string): never => {
    throw new DistributionError('ERR_REGISTRY_TLS', `cannot use the client certificate in ${directory}: ${reason}`, {
      hint: 'A client certificate is NAME.cert beside NAME.key; authorities end in .crt',
      details: { path: directory },
    })
  }
  const withoutKey = clients.find((name) => !names.includes(`${name}.key`))
  if (withoutKey !== undefined) fail(`there is no ${withoutKey}.key for ${withoutKey}.cert`)
  const withoutCertificate = names.find((name) => name.endsWith('.key') && !clients.includes(name.slice(0, -'.key'.length)))
  if (withoutCertificate !== undefined) fail(`there is no certificate for ${withoutCertificate}`)
}

async function listNames(directory: string): Promise<string[] | undefined> {
  const { readdir } = await import('node:fs/promises')
  try {
    return (await readdir(directory)).toSorted()
  } catch {
    // Most hosts have none, and one that a plain user may not read holds nothing for them.
    return undefined
  }
}
