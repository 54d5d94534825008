import { findTool } from '@podwright/linux'
import { isAbsolute, join } from 'node:path'
import { RuntimeError } from '../errors.ts'

/** An executable on this host. */
export interface FoundTool {
  readonly name: string
  readonly path: string
}

/** Where packages put a conmon that users aren't to run. */
const directories = ['/usr/libexec/podman', '/usr/lib/podman', '/usr/local/libexec/podman', '/usr/libexec/crio', '/usr/local/lib/podman']

/**
 * Finds conmon: at `path` when given, else on PATH and where podman's and CRI-O's packages put it.
 *
 * @throws `ERR_MONITOR_NOT_FOUND`
 */
export function findMonitor(options: { readonly path?: string | undefined } = {}): FoundTool {
  const candidates = options.path === undefined ? ['conmon', ...directories.map((directory) => join(directory, 'conmon'))] : [options.path]
  for (const candidate of candidates) {
    const path = findTool(candidate)
    if (path !== undefined && isAbsolute(path)) return { name: 'conmon', path }
  }
  throw new RuntimeError('ERR_MONITOR_NOT_FOUND', `cannot find conmon${options.path === undefined ? '' : ` at ${options.path}`}`, {
    hint: 'Install it: apt-get install conmon, dnf install conmon, or pacman -S conmon.',
    details: { path: options.path, exitStatus: 125 },
  })
}
