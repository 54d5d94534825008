import { PodwrightError, type PodwrightErrorOptions } from '@podwright/conventions'

/** Codes of the errors that the command line itself makes. */
export const cliErrorCodes = {
  ERR_CLI_ARGUMENTS: 'Too few or too many arguments.',
  ERR_CLI_BOOT: 'What is done at boot cannot be changed.',
  ERR_CLI_COMMAND_UNKNOWN: 'There is no such command.',
  ERR_CLI_COPY: 'What is to be copied is not there, or can not be put where it is to go.',
  ERR_CLI_DESCRIPTOR: 'A descriptor that is to be handed on is not open.',
  ERR_CLI_FILE: 'A file named on the command line cannot be read or written.',
  ERR_CLI_FLAG_CONFLICT: 'Two flags contradict each other.',
  ERR_CLI_FLAG_UNKNOWN: 'The command has no such flag.',
  ERR_CLI_FLAG_VALUE: 'The value of a flag cannot be read, or is missing.',
  ERR_CLI_FORMAT: 'A template of --format cannot be read, or not be executed for what is printed.',
  ERR_CLI_INTERRUPTED: 'A signal called the command off.',
  ERR_CLI_IN_USE: 'What a dry run was to remove is in use.',
  ERR_CLI_NOT_FOUND: 'No container and no image has that name or id.',
  ERR_CLI_SSH: 'ssh to another host failed, or the engine there did.',
  ERR_CLI_NOT_SUPPORTED: 'docker or podman has this command, flag or value; podwright does not have it yet.',
} as const

/** A code of this package. */
export type CliErrorCode = keyof typeof cliErrorCodes

/** What is wrong with a command line. */
export class CliError extends PodwrightError<CliErrorCode> {
  constructor(code: CliErrorCode, message: string, options: PodwrightErrorOptions = {}) {
    super(code, message, options)
  }
}
