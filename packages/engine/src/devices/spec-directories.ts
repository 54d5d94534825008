import type { ContainerTuning } from '@podwright/contracts'
import { defaultSpecDirectories } from '@podwright/cdi'
import { join } from 'node:path'
import type { EngineParts } from '../parts.ts'

/**
 * Where vendors' specs of devices are: where this engine was told, where the one was told that made the container, or where everybody has them; a plain user's own
 * come after the machine's.
 */
export function specDirectories(parts: EngineParts, tuning: ContainerTuning = {}): readonly string[] {
  return (
    parts.cdiSpecDirectories ?? tuning.cdiSpecDirectories ?? [...defaultSpecDirectories, ...(parts.rootless ? ownDirectories(parts) : [])]
  )
}

function ownDirectories({ environment: { HOME, XDG_CONFIG_HOME, XDG_RUNTIME_DIR } }: EngineParts): readonly string[] {
  const config = XDG_CONFIG_HOME || (HOME ? join(HOME, '.config') : undefined)
  return [config, XDG_RUNTIME_DIR].flatMap((directory) => (directory ? [join(directory, 'cdi')] : []))
}
