import type { AbortOptions } from '@podwright/conventions'
import type { NamespaceExecutor } from '@podwright/contracts'
import { parseMounts, runTool } from '@podwright/linux'
import { readFileSync, readlinkSync } from 'node:fs'

/** The mount namespace that containers start from. */
export interface MountNamespace {
  /** `mnt:[INODE]`. */
  readonly id: string
  /** Where something is mounted. */
  readonly targets: Set<string>
}

const script = 'readlink /proc/self/ns/mnt && cat /proc/self/mountinfo'

export async function readMountNamespace(executor: NamespaceExecutor, options: AbortOptions): Promise<MountNamespace> {
  const [tool, ...args] = await executor.prefix(options)
  if (tool === undefined) return namespaceOf(readlinkSync('/proc/self/ns/mnt'), readFileSync('/proc/self/mountinfo', 'utf8'))
  const { stdout } = await runTool(tool, [...args, 'sh', '-c', script], { ...options, cwd: '/' })
  const end = stdout.indexOf('\n')
  return namespaceOf(stdout.slice(0, end), stdout.slice(end + 1))
}

function namespaceOf(id: string, mountinfo: string): MountNamespace {
  return { id, targets: new Set(parseMounts(mountinfo).map(({ target }) => target)) }
}
