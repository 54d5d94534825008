import { basename } from 'node:path'
import { RuntimeError } from '../errors.ts'
import { wrapperStatus } from './monitor-command.ts'

/** How a command line that ends in conmon ended. */
export interface FailedLaunch {
  readonly command: readonly string[]
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

const longestQuote = 2000

/** Tells apart who failed: what leads into the namespaces, or conmon. */
export function launchFailure({ command, code, signal, stderr }: FailedLaunch): RuntimeError {
  const reason = quote(stderr)
  const details = { exitCode: code, signal, stderr: reason, exitStatus: 125 }
  if (code === wrapperStatus.directory) {
    return new RuntimeError('ERR_MONITOR_FAILED', `cannot enter the container's directory: ${reason}`, { details })
  }
  const tool = /^(?:\S*\/)?(nsenter|unshare|setpriv|newuidmap):/m.exec(stderr)?.[1]
  if (tool !== undefined) {
    return new RuntimeError('ERR_NAMESPACE_ENTER', `cannot enter the namespaces for the container: ${reason}`, {
      details: { ...details, tool },
    })
  }
  if (/unknown option/i.test(stderr)) {
    return new RuntimeError('ERR_MONITOR_TOO_OLD', `conmon does not know an option that is needed: ${reason}`, {
      hint: 'Install conmon 2.0.20 or newer.',
      details,
    })
  }
  const how = signal === null ? `it ended with ${code}` : `it was killed by ${signal}`
  return new RuntimeError(
    'ERR_MONITOR_FAILED',
    `the monitor of the container failed: ${reason || `${basename(command[0] ?? '')}: ${how}`}`,
    {
      details,
    },
  )
}

/** What mount(8) said. */
export function mountFailure(text: string): RuntimeError {
  const reason = quote(text)
  return new RuntimeError('ERR_ROOTFS_MOUNT', `cannot mount the container's root: ${reason || 'mount failed'}`, {
    details: { stderr: reason, exitStatus: 125 },
  })
}

function quote(text: string): string {
  return text
    .trim()
    .slice(-longestQuote)
    .replaceAll(/^\[conmon:e\]:\s*/gm, '')
    .replaceAll('\n', '; ')
}
