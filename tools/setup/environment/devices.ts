import { chmodSync, statSync } from 'node:fs'
import type { EnvironmentStep } from './environment-step.ts'

/** Distributions let everybody open these; some build machines and containers don't. */
export const deviceSteps: readonly EnvironmentStep[] = ['/dev/net/tun', '/dev/fuse'].map((path) => ({
  title: `let plain users open ${path} (mode 0666)`,
  isNeeded: () => {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats !== undefined && (stats.mode & 0o666) !== 0o666
  },
  apply: () => chmodSync(path, 0o666),
}))
