import { isPodwrightError } from '@podwright/conventions'
import { exitCodeOfAbsence } from '../exit-codes.ts'

/** podman's status of a volume that containers use. */
const inUse = 2

/** 1 for a volume that isn't there, 2 for one in use, as podman. */
export function volumeExitCode(error: unknown): number {
  return isPodwrightError(error, 'ERR_VOLUME_IN_USE') || isPodwrightError(error, 'ERR_CLI_IN_USE') ? inUse : exitCodeOfAbsence(error)
}
