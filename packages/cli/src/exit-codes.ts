import { isPodwrightError } from '@podwright/conventions'
import { allErrors } from './all-errors.ts'

/** What the command's exit status means, besides a container's own. */
export const exitCodes = {
  success: 0,
  /** The object of `rm`, `rmi` or `inspect` isn't there; `doctor` found an error. */
  negative: 1,
  /** podwright itself failed: a wrong flag, an unreachable registry, a full disk. */
  failure: 125,
  /** The container's command can't be executed. */
  notExecutable: 126,
  /** The container's command isn't there. */
  commandNotFound: 127,
  /** Added to a signal's number when that signal ended the command. */
  signalBase: 128,
  /** stdout was closed by its reader (128 + SIGPIPE). */
  brokenPipe: 141,
} as const

/** The one table from codes to exit statuses; what isn't in it is `failure`. */
const statusOfCode: Readonly<Record<string, number>> = {
  ERR_CONTAINER_COMMAND_NOT_EXECUTABLE: exitCodes.notExecutable,
  ERR_RUNTIME_COMMAND_NOT_EXECUTABLE: exitCodes.notExecutable,
  ERR_CONTAINER_COMMAND_NOT_FOUND: exitCodes.commandNotFound,
  ERR_RUNTIME_COMMAND_NOT_FOUND: exitCodes.commandNotFound,
}

/** Codes that say that something isn't there, as opposed to that something failed. */
const absenceCodes: ReadonlySet<string> = new Set([
  'ERR_CLI_NOT_FOUND',
  'ERR_CONTAINER_NOT_FOUND',
  'ERR_IMAGE_NOT_FOUND',
  'ERR_VOLUME_NOT_FOUND',
])

/** Whether an error says that the container or image isn't there. */
export function isAbsence(error: unknown): boolean {
  return isPodwrightError(error) && absenceCodes.has(error.code)
}

/** The exit status that an error stands for. The runtime's errors may name theirs: 126 or 127 for a working directory that can't be entered. */
export function exitCodeOf(failure: unknown): number {
  const error = failure instanceof AggregateError ? failure : allErrors(failure)[0]
  if (!isPodwrightError(error)) return exitCodes.failure
  const { signalNumber } = error.details
  if (error.code === 'ERR_CLI_INTERRUPTED' && typeof signalNumber === 'number') return exitCodes.signalBase + signalNumber
  const { exitStatus } = error.details
  const named = error.code.startsWith('ERR_RUNTIME_') && typeof exitStatus === 'number' ? exitStatus : undefined
  return statusOfCode[error.code] ?? named ?? exitCodes.failure
}

/** As `exitCodeOf`, for commands that tell "not there" (1) from "failed" (125). */
export function exitCodeOfAbsence(error: unknown): number {
  return isAbsence(error) ? exitCodes.negative : exitCodeOf(error)
}
