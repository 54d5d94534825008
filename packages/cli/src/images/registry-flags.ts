import type { EndpointAccess, PullOptions, RegistryCredentials } from '@podwright/contracts'
import type { Platform } from '@podwright/oci'
import type { FlagValues } from '../command-line/flags.ts'
import { durationOf } from '../command-line/time-flag.ts'
import { CliError } from '../errors.ts'

/** How to reach a registry. */
export const accessFlags = {
  'tls-verify': { kind: 'boolean', description: 'Insist on HTTPS with a trusted certificate', defaultText: 'true' },
  creds: { kind: 'text', value: 'USER:PASSWORD', description: 'Who to be at the registry; others on this host can read command lines' },
  authfile: { kind: 'text', value: 'FILE', description: 'File to read credentials from, in the form of auth.json' },
  'cert-dir': { kind: 'text', value: 'DIR', description: 'Directory of *.crt (authorities), *.cert and *.key (a client certificate)' },
} as const

/** How often to try again. */
export const retryFlags = {
  retry: {
    kind: 'integer',
    value: 'NUMBER',
    description: 'How often to try again after a failure of the registry or the line',
    defaultText: '4',
  },
  'retry-delay': { kind: 'text', value: 'TIME', description: 'The first pause before that; it is doubled each time', defaultText: '500ms' },
} as const

/** Which of an image's platforms to take. */
export const platformFlags = {
  platform: { kind: 'text', value: 'OS/ARCH', description: "Take the image for this platform instead of the host's" },
  os: { kind: 'text', description: 'Take the image for this operating system' },
  arch: { kind: 'text', description: 'Take the image for this architecture' },
  variant: { kind: 'text', description: 'Take the image for this variant of the architecture' },
} as const

/** Which of the platforms to take that an image is here for. */
export const storedPlatformFlag = {
  platform: { kind: 'text', value: 'OS/ARCH', description: 'Of an image that is here for several platforms, take the one for this' },
} as const

/** How to reach a registry, and which of an image's platforms to take. */
export const registryFlags: typeof accessFlags & typeof platformFlags = { ...accessFlags, ...platformFlags }

type RegistryFlagValues = FlagValues<typeof registryFlags> & Partial<FlagValues<typeof retryFlags>>

/** The part of a pull's options that these flags say. */
export async function registryOptions(flags: RegistryFlagValues): Promise<PullOptions> {
  const platform = await platformOf(flags)
  return { ...(platform !== undefined && { platform }), ...accessOptions(flags) }
}

/** How to reach a registry, as these flags say. */
export function accessOptions(flags: FlagValues<typeof accessFlags> & Partial<FlagValues<typeof retryFlags>>): EndpointAccess {
  const { retry, 'retry-delay': delay } = flags
  if (retry !== undefined && retry < 0) throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${retry}" for --retry: it is 0 or more`)
  return {
    ...(flags['cert-dir'] !== undefined && flags['cert-dir'] !== '' && { certificateDirectory: absolute(flags['cert-dir']) }),
    ...(retry !== undefined && { retries: retry }),
    ...(delay !== undefined && { backoffMs: milliseconds('--retry-delay', delay) }),
    ...(flags['tls-verify'] !== undefined && { tlsVerify: flags['tls-verify'] }),
    ...(flags.creds !== undefined && { credentials: parseCredentials(flags.creds) }),
    ...(flags.authfile !== undefined && { authFile: absolute(flags.authfile) }),
  }
}

function milliseconds(flag: string, text: string): number {
  const duration = durationOf(text)
  if (duration !== undefined) return Math.round(duration)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${flag}: it is a time such as 500ms or 1m30s`)
}

/** A path as the engine wants it. */
export function absolute(path: string): string {
  return process.getBuiltinModule('node:path').resolve(path)
}

/**
 * The platform that `--platform`, or `--os`, `--arch` and `--variant`, name; undefined when none does.
 *
 * @throws CliError `ERR_CLI_FLAG_CONFLICT` for both ways at once
 */
export async function platformOf(
  flags: Partial<Pick<RegistryFlagValues, 'platform' | 'os' | 'arch' | 'variant'>>,
): Promise<Platform | undefined> {
  const apart = flags.os !== undefined || flags.arch !== undefined || flags.variant !== undefined
  if (flags.platform === undefined && !apart) return undefined
  if (flags.platform !== undefined && apart) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', '--platform says the same as --os, --arch and --variant together: give one or the other')
  }
  const { hostPlatform, normalizePlatform, parsePlatform } = await import('@podwright/oci')
  if (flags.platform !== undefined) return parsePlatform(flags.platform)
  const host = hostPlatform()
  return normalizePlatform({
    os: flags.os ?? host.os,
    architecture: flags.arch ?? host.architecture,
    variant: flags.variant ?? (flags.arch === undefined ? host.variant : undefined),
  })
}

/** @throws CliError `ERR_CLI_FLAG_VALUE` */
export function parseCredentials(text: string): RegistryCredentials {
  const at = text.indexOf(':')
  if (at < 1) {
    throw new CliError('ERR_CLI_FLAG_VALUE', 'invalid value for --creds: it is not USER:PASSWORD', {
      hint: 'To keep the password off the command line, put it into a file and name that with --authfile.',
    })
  }
  return { username: text.slice(0, at), password: text.slice(at + 1) }
}
