import type { EndpointAccess, PullOptions, RegistryCredentials } from '@podwright/contracts'
import type { Platform } from '@podwright/oci'
import type { FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'

/** How to reach a registry. */
export const accessFlags = {
  'tls-verify': { kind: 'boolean', description: 'Insist on HTTPS with a trusted certificate', defaultText: 'true' },
  creds: { kind: 'text', value: 'USER:PASSWORD', description: 'Who to be at the registry; others on this host can read command lines' },
  authfile: { kind: 'text', value: 'FILE', description: 'File to read credentials from, in the form of auth.json' },
} as const

/** Which of an image's platforms to take. */
export const platformFlags = {
  platform: { kind: 'text', value: 'OS/ARCH', description: "Take the image for this platform instead of the host's" },
  os: { kind: 'text', description: 'Take the image for this operating system' },
  arch: { kind: 'text', description: 'Take the image for this architecture' },
  variant: { kind: 'text', description: 'Take the image for this variant of the architecture' },
} as const

/** How to reach a registry, and which of an image's platforms to take. */
export const registryFlags: typeof accessFlags & typeof platformFlags = { ...accessFlags, ...platformFlags }

type RegistryFlagValues = FlagValues<typeof registryFlags>

/** The part of a pull's options that these flags say. */
export async function registryOptions(flags: RegistryFlagValues): Promise<PullOptions> {
  const platform = await platformOf(flags)
  return { ...(platform !== undefined && { platform }), ...accessOptions(flags) }
}

/** How to reach a registry, as these flags say. */
export function accessOptions(flags: FlagValues<typeof accessFlags>): EndpointAccess {
  return {
    ...(flags['tls-verify'] !== undefined && { tlsVerify: flags['tls-verify'] }),
    ...(flags.creds !== undefined && { credentials: parseCredentials(flags.creds) }),
    ...(flags.authfile !== undefined && { authFile: absolute(flags.authfile) }),
  }
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
export async function platformOf(flags: Pick<RegistryFlagValues, 'platform' | 'os' | 'arch' | 'variant'>): Promise<Platform | undefined> {
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
