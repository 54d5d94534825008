import { CliError } from '../errors.ts'
import { isAbsence } from '../exit-codes.ts'

/** What is to be said when nothing has a name that a container or an image may have. */
export function neither(reference: string, cause: unknown): CliError {
  return new CliError('ERR_CLI_NOT_FOUND', `no container or image is named "${reference}"`, {
    cause,
    hint: "See 'podwright ps -a' and 'podwright images'.",
    details: { reference },
  })
}

/** Looks for something that is a container or an image; who looked for the latter last speaks of that alone. */
export async function asEither<Result>(reference: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw isAbsence(error) ? neither(reference, error) : error
  }
}
