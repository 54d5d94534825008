import type { MountSpec } from '@podwright/contracts'
import { RuntimeError } from '../errors.ts'

/**
 * Mounts as the monitor's wrapper reads them: five lines each, the directory that mount(8) starts in, type, options, source, target; at their end an empty one.
 *
 * @throws ERR_ROOTFS_MOUNT when a word has a line break, as a path may
 */
export function mountOrders(mounts: readonly MountSpec[]): string {
  return [...mounts.flatMap(mountWords).map(oneLine), '', ''].join('\n')
}

function mountWords({ type, source, target, options, workingDirectory = '/' }: MountSpec): readonly string[] {
  const words = type === 'bind' && !options.some((option) => option === 'bind' || option === 'rbind') ? ['bind', ...options] : options
  return [workingDirectory, type === 'bind' ? 'none' : type, words.length > 0 ? words.join(',') : 'rw', source, target]
}

function oneLine(word: string): string {
  if (!word.includes('\n')) return word
  throw new RuntimeError('ERR_ROOTFS_MOUNT', `cannot mount the container's root: ${JSON.stringify(word)} has a line break in it`, {
    hint: 'Keep containers in a directory whose path has none (--root).',
    details: { exitStatus: 125 },
  })
}
