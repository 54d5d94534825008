import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import type { MountSpec, NamespaceExecutor, SnapshotPlan, SnapshotView, StorageDriverProbe } from '@podwright/contracts'
import { requireTool, runTool } from '@podwright/linux'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { stackedDirectories } from './stacked.ts'

/**
 * Mounts what the driver would mount, in a mount namespace that ends with the probe, and does there what containers do: change, delete and replace
 * what a layer has.
 */
export async function probeMounts(
  namespace: NamespaceExecutor,
  directory: string,
  view: (plan: SnapshotPlan) => SnapshotView,
  options: AbortOptions,
): Promise<StorageDriverProbe> {
  const plan = makePlan(directory)
  const { mounts, rootfs } = view(plan)
  const script = ['set -e', ...mounts.map((mount) => shellCommand(mountCommand(mount))), exercise(rootfs)].join('\n')
  try {
    const inside = await namespace.prefix(options)
    const [tool = '', ...args] = [...inside, requireTool('unshare'), '--mount', '--propagation', 'private', 'sh', '-c']
    const cd = `cd ${quoted(plan.workingDirectory)}\n`
    const result = await runTool(tool, [...args, cd + script], { ...options, allowFailure: true, cwd: '/' })
    return result.exitCode === 0 ? { supported: true } : { supported: false, reason: lastLine(result.stderr) }
  } catch (error) {
    if (!isPodwrightError(error) || !error.code.startsWith('ERR_TOOL_')) throw error
    return { supported: false, reason: messageOf(error), hint: error.hint }
  }
}

function makePlan(directory: string): SnapshotPlan {
  const snapshot = join(directory, 'snapshot')
  const { rootfs, upper, work } = stackedDirectories({ directory: snapshot })
  const layers = ['top', 'base'].map((name) => join(directory, name))
  for (const path of [join(directory, 'base', 'old'), ...layers, rootfs, upper, work]) mkdirSync(path, { recursive: true })
  return {
    directory: snapshot,
    layers: layers.map((path) => ({ path, shortPath: path.slice(directory.length + 1) })),
    root: { mode: 0o755, uid: 0, gid: 0 },
    readOnly: false,
    idMap: undefined,
    workingDirectory: directory,
  }
}

/** To replace a directory of a layer takes a whiteout and an opaque attribute: what older kernels refuse without privileges. */
function exercise(rootfs: string): string {
  const path = quoted(rootfs)
  return `cd ${path}\nrmdir old\nmkdir old\nrmdir old\necho > file\nrm file\ncd /\numount ${path}`
}

function mountCommand({ command, type, source, target, options }: MountSpec): readonly string[] {
  return command ?? ['mount', '-t', type, '-o', options.join(','), source, target]
}

function shellCommand(words: readonly string[]): string {
  return words.map(quoted).join(' ')
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
