import type { AbortOptions } from '@podwright/conventions'
import type { MountSpec } from '@podwright/contracts'
import { requireTool } from '@podwright/linux'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { StorageError } from '../errors.ts'
import type { TreeView } from './tasks.ts'

/**
 * Mounts trees where nobody else sees them: in the mount namespace of a process that ends with this one, reached through its root in /proc. Nothing
 * has to be taken down, and a kill leaves nothing.
 *
 * @param work given where the trees are, in their order
 */
export async function withPrivateTrees<Result>(
  trees: readonly TreeView[],
  options: AbortOptions,
  work: (paths: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const mounts = trees.flatMap((tree) => tree.mounts)
  if (mounts.length === 0) return work(trees.map(({ rootfs }) => rootfs))
  const holder = await holdMounts(mounts, options)
  try {
    return await work(trees.map(({ rootfs }) => `/proc/${holder.pid}/root${rootfs}`))
  } finally {
    const ended = once(holder, 'close')
    holder.stdin?.end()
    await ended
  }
}

const ready = 'ready\n'

async function holdMounts(mounts: readonly MountSpec[], { signal }: AbortOptions): Promise<ChildProcess> {
  const script = ['set -e', ...mounts.map(mountStep), 'cd /', `printf '${ready.trim()}\\n'`, 'read -r _ || :'].join('\n')
  const child = spawn(requireTool('unshare'), ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    cwd: '/',
    env: { ...process.env, LIBMOUNT_FORCE_MOUNT2: 'always' },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)))
  const ended = once(child, 'close')
  ended.catch(() => {})
  // The pipe that it waits on closes with this process, whatever happens to it.
  child.stdin.on('error', () => {})
  const outcome = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), ended])
  if (outcome[0] === ready) {
    signal?.throwIfAborted()
    return child
  }
  throw new StorageError('ERR_MOUNT_FAILED', `cannot mount the tree: ${stderr.trim() || 'the process that holds the mount ended'}`)
}

function mountStep({ command, type, source, target, options, workingDirectory }: MountSpec): string {
  const enter = `cd ${quoted(workingDirectory ?? '/')}`
  if (command !== undefined) return `${enter}\n${command.map(quoted).join(' ')}`
  const words =
    type === 'bind' ? ['mount', '--bind', '--', source, target] : ['mount', '-t', type, '-o', options.join(','), '--', source, target]
  const remount = ['mount', '-o', 'remount,bind,ro', '--', target]
  return [enter, words, ...(type === 'bind' && options.includes('ro') ? [remount] : [])]
    .map((step) => (typeof step === 'string' ? step : step.map(quoted).join(' ')))
    .join('\n')
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
