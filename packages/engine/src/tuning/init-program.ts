import { findTool, installHint } from '@podwright/linux'
import { statSync } from 'node:fs'
import { EngineError } from '../errors.ts'

/** Where distributions put it that do not want it on PATH. */
const places = [
  '/usr/libexec/podman/catatonit',
  '/usr/lib/podman/catatonit',
  '/usr/local/libexec/podman/catatonit',
  '/usr/libexec/catatonit/catatonit',
]

/**
 * The init that is bound into a container.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID` when there is none
 */
export function initProgram(wanted: true | string): string {
  if (wanted !== true) {
    if (isExecutable(wanted)) return wanted
    throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `cannot run the init ${wanted}: there is no such executable file on this host`, {
      details: { path: wanted },
    })
  }
  const found = findTool('catatonit') ?? places.find(isExecutable)
  if (found !== undefined) return found
  throw new EngineError('ERR_CONTAINER_OPTION_INVALID', 'cannot give the container an init: catatonit is not installed', {
    hint: `${installHint('catatonit')}. Or name another init with --init-path.`,
  })
}

function isExecutable(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats?.isFile() === true && (stats.mode & 0o111) !== 0
}
