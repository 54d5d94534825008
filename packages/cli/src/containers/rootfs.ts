import type { ContainerOptions } from '@podwright/contracts'
import { resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { accessFlags, platformFlags, retryFlags } from '../images/registry-flags.ts'
import type { ContainerFlagValues } from './container-options.ts'

/** What says how an image is to be had, or what becomes of it. */
const ofImages = ['pull', 'image-volume', ...Object.keys({ ...accessFlags, ...platformFlags, ...retryFlags })]

/**
 * The root that `--rootfs` asks for: `DIR`, or `DIR:O` with an overlay over it.
 *
 * @throws CliError `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readRootfs(flags: ContainerFlagValues, text: string): NonNullable<ContainerOptions['root']> {
  const values: Readonly<Record<string, unknown>> = flags
  const contrary = ofImages.find((name) => values[name] !== undefined)
  if (contrary !== undefined) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `--rootfs and --${contrary} contradict each other: there is no image`)
  }
  const [, directory = text, options = ''] = /^(.*):((?:O|idmap)[^/]*)$/s.exec(text) ?? []
  if (directory === '') throw new CliError('ERR_CLI_FLAG_VALUE', 'the directory of --rootfs is empty')
  const words = options.split(',').filter((word) => word !== '')
  const wrong = words.find((word) => word !== 'O')
  if (wrong !== undefined) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour :${wrong} of --rootfs ${text}: files keep the ids that they have there`, {
      hint: 'DIR:O lays an overlay over the directory. A directory whose name ends like that can be given with a slash at its end.',
    })
  }
  return { directory: resolve(directory), overlay: words.length > 0 }
}

/** As it is given to `--rootfs`. */
export function rootText({ directory, overlay }: NonNullable<ContainerOptions['root']>): string {
  return overlay ? `${directory}:O` : /:(?:O|idmap)[^/]*$/.test(directory) ? `${directory}/` : directory
}
