import type { ListMemberChanges } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'

/** What a list says of an image. */
export const memberFlags = {
  annotation: { kind: 'words', value: 'NAME=VALUE', description: 'Set an annotation' },
  arch: { kind: 'text', description: 'Say that the image is for this architecture' },
  'artifact-type': { kind: 'text', value: 'TYPE', description: 'Say that it is an artifact of this type' },
  features: { kind: 'list', description: 'Say that it needs these features of the processor' },
  os: { kind: 'text', description: 'Say that the image is for this operating system' },
  'os-features': { kind: 'list', description: 'Say that it needs these features of the operating system' },
  'os-version': { kind: 'text', description: 'Say that the image is for this version of the operating system' },
  variant: { kind: 'text', description: 'Say that the image is for this variant of the architecture' },
} as const

/** What these flags say. @throws CliError */
export function memberChanges(flags: FlagValues<typeof memberFlags>): ListMemberChanges {
  const platform = {
    ...(flags.os !== undefined && { os: flags.os }),
    ...(flags.arch !== undefined && { architecture: flags.arch }),
    ...(flags.variant !== undefined && { variant: flags.variant }),
    ...(flags['os-version'] !== undefined && { 'os.version': flags['os-version'] }),
    ...(flags['os-features'].length > 0 && { 'os.features': flags['os-features'] }),
  }
  if (flags.features.length > 0) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', 'cannot honour --features: neither OCI nor docker has a place for it that anybody reads')
  }
  return {
    ...(Object.keys(platform).length > 0 && { platform }),
    ...(flags.annotation.length > 0 && { annotations: annotationsOf(flags.annotation) }),
    ...(flags['artifact-type'] !== undefined && { artifactType: flags['artifact-type'] }),
  }
}

/** `NAME=VALUE` each. @throws CliError `ERR_CLI_FLAG_VALUE` */
export function annotationsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --annotation: it is not NAME=VALUE`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
