import type { Snapshot } from '@podwright/contracts'
import { readMounts, requireTool, runTool } from '@podwright/linux'

/**
 * Takes down what of a snapshot is mounted where we are. Commonly nothing is: only its monitor sees the tree. The clean-up, however, is run by
 * the monitor, in that namespace. Lazily, since the monitor may still stand in it; the namespace ends with it.
 */
export async function unmountSnapshot(snapshot: Snapshot | undefined): Promise<void> {
  const targets = snapshot?.mounts.map(({ target }) => target).toReversed() ?? []
  if (targets.length === 0) return
  const mounted = new Set(readMounts().map(({ target }) => target))
  for (const target of targets) {
    if (mounted.has(target)) await runTool(requireTool('umount'), ['--lazy', '--', target])
  }
}
