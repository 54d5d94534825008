import type { Platform } from './documents.ts'
import { OciError } from './errors.ts'

/** Node's `process.arch` and what `uname -m` says, in Go's words. */
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  ia32: '386',
  i386: '386',
  i686: '386',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  mipsel: 'mipsle',
}

/** What some spellings of an architecture say of the variant. */
const impliedVariants: Readonly<Record<string, string>> = { armhf: 'v7', armel: 'v6' }

const partGrammar = /^[A-Za-z0-9_.-]+$/

/** The platform of this machine, in Go's words; `linux/amd64` where it can't be told, as in a browser. */
export function hostPlatform(): Platform {
  const host = globalThis.process as Partial<NodeJS.Process> | undefined
  const os = host?.platform === 'win32' ? 'windows' : (host?.platform ?? 'linux')
  const architecture = host?.arch ?? 'x64'
  // All 64-bit PowerPC that Node and containers run on is little-endian, save AIX.
  if ((architecture as string) === 'ppc64') return { os, architecture: os === 'aix' ? 'ppc64' : 'ppc64le' }
  if (architecture === 'arm') return { os, architecture, variant: `v${armVersion(host)}` }
  return normalizePlatform({ os, architecture })
}

function armVersion(host: Partial<NodeJS.Process> | undefined): string {
  const variables = host?.config?.variables as Readonly<Record<string, unknown>> | undefined
  const version = variables?.['arm_version']
  return typeof version === 'string' || typeof version === 'number' ? String(version) : '7'
}

/**
 * Reads `os/architecture`, `os/architecture/variant`, or an architecture alone (then the os is linux). Other spellings of an architecture
 * (`x86_64`, `aarch64`) are put into Go's words.
 *
 * @throws OciError `ERR_PLATFORM_INVALID`
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/')
  if (parts.length > 3 || parts.some((part) => !partGrammar.test(part))) {
    throw new OciError(
      'ERR_PLATFORM_INVALID',
      `cannot read "${text}" as a platform: it is not os/architecture or os/architecture/variant`,
      {
        hint: 'For example linux/amd64 or linux/arm64/v8.',
      },
    )
  }
  const [first = '', second, variant] = parts
  if (second === undefined) return normalizePlatform({ os: 'linux', architecture: first })
  return normalizePlatform({ os: first, architecture: second, variant })
}

/** `os/architecture`, and `/variant` where there is one. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os || 'unknown', architecture || 'unknown', ...(variant ? [variant] : [])].join('/')
}

/**
 * The same platform in Go's words and in its shortest form: arm64's `v8` and amd64's `v1` are what they are without a variant, 32-bit arm is
 * `v7` without one.
 */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === 'macos' ? 'darwin' : platform.os.toLowerCase()
  const spelled = platform.architecture.toLowerCase()
  const architecture = Object.hasOwn(architectures, spelled) ? (architectures[spelled] ?? spelled) : spelled
  const variant = shortestVariant(architecture, platform.variant?.toLowerCase() || impliedVariants[spelled])
  const { variant: _, ...rest } = platform
  return { ...rest, os, architecture, ...(variant !== undefined && { variant }) }
}

function shortestVariant(architecture: string, typed: string | undefined): string | undefined {
  const variant = typed !== undefined && /^\d/.test(typed) ? `v${typed}` : typed
  if (architecture === 'arm64' && (variant === 'v8' || variant === 'v8.0')) return undefined
  if (architecture === 'amd64' && variant === 'v1') return undefined
  if (architecture === 'arm') return variant ?? 'v7'
  return variant
}
