import type { MountSpec } from '@podwright/contracts'
import { requireTool, runTool } from '@podwright/linux'
import { readFileSync } from 'node:fs'

/**
 * Takes down what of a container's root is mounted where we are. Commonly nothing is: only its monitor sees the tree. The clean-up, however, is run by
 * the monitor, in that namespace. Lazily, since the monitor may still stand in it; the namespace ends with it.
 */
export async function unmountRoot(mounts: readonly MountSpec[]): Promise<void> {
  const targets = mounts.map(({ target }) => target).toReversed()
  if (targets.length === 0) return
  // Searched as text: to parse a hundred mounts would take longer than all else that removes a container.
  const mounted = readFileSync('/proc/self/mountinfo', 'latin1')
  for (const target of targets) {
    if (mounted.includes(` ${target} `)) await runTool(requireTool('umount'), ['--lazy', '--', target])
  }
}
