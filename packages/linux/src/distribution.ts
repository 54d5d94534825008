import { readFileSync } from 'node:fs'

/** Distributions that name their packages alike. */
export type DistributionFamily = 'debian' | 'fedora' | 'arch' | 'suse' | 'alpine'

/** What `/etc/os-release` says (os-release(5)). */
export interface Distribution {
  /** `debian`, `ubuntu`, `fedora`; `linux` when it does not say. */
  readonly id: string
  /** `12`; empty on rolling ones. */
  readonly version: string
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly prettyName: string
  readonly family: DistributionFamily | undefined
}

const families: Readonly<Record<string, DistributionFamily>> = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'fedora',
  rhel: 'fedora',
  centos: 'fedora',
  arch: 'arch',
  suse: 'suse',
  opensuse: 'suse',
  alpine: 'alpine',
}

/** The distribution of this machine. Never throws. */
export function readDistribution(paths: readonly string[] = ['/etc/os-release', '/usr/lib/os-release']): Distribution {
  const fields = new Map(lines(paths).flatMap(parseLine))
  const id = fields.get('ID') ?? 'linux'
  const like = (fields.get('ID_LIKE') ?? '').split(/\s+/)
  return {
    id,
    version: fields.get('VERSION_ID') ?? '',
    prettyName: fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? 'Linux',
    family: [id, ...like].map((name) => families[name]).find((family) => family !== undefined),
  }
}

function lines(paths: readonly string[]): string[] {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').split('\n')
    } catch {
      // The next place.
    }
  }
  return []
}

/** `KEY=value`, quoted as a shell would. */
function parseLine(line: string): [string, string][] {
  const match = /^([A-Z0-9_]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(.*))$/.exec(line.trim())
  if (match === null) return []
  const [, key = '', double, single, bare] = match
  return [[key, double?.replaceAll(/\\(.)/g, '$1') ?? single ?? bare ?? '']]
}
