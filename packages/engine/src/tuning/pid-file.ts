import { messageOf } from '@podwright/conventions'
import { writeFileSync } from 'node:fs'
import { EngineError } from '../errors.ts'

/** Writes a container's process id for whoever asked for it; the file stays when the container is gone, as podman's does. */
export function writePidFile(path: string, pid: number): void {
  try {
    writeFileSync(path, String(pid))
  } catch (error) {
    throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `cannot write the process id to ${path}: ${messageOf(error)}`, {
      cause: error,
      details: { path },
    })
  }
}
