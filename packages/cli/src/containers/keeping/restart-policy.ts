import type { RestartPolicy } from '@podwright/contracts'
import { CliError } from '../../errors.ts'

/** What `--restart` may be, in messages. */
const known = 'no, on-failure[:RETRIES], always or unless-stopped'

/**
 * What `--restart` asks for; undefined: that the container stays ended.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`
 */
export function readRestart(text: string, { rm }: { readonly rm?: boolean | undefined }): RestartPolicy | undefined {
  const [, name, retries] = /^(no|on-failure|always|unless-stopped)?(?::(\d{1,9}))?$/.exec(text) ?? [undefined, undefined, undefined]
  if (name === undefined && text !== '') {
    throw new CliError('ERR_CLI_FLAG_VALUE', `"${text}" is not a valid restart policy: it is ${known}`, { details: { policy: text } })
  }
  if (retries !== undefined && name !== 'on-failure') {
    throw new CliError('ERR_CLI_FLAG_VALUE', `"${text}" is not a valid restart policy: only on-failure can have a number of retries`, {
      details: { policy: text },
    })
  }
  if (name === undefined || name === 'no') return undefined
  if (rm === true && name !== 'on-failure') {
    throw new CliError(
      'ERR_CLI_FLAG_CONFLICT',
      `--rm and --restart ${name} contradict each other: a container that is removed is not restarted`,
      {
        hint: 'Leave one of them out.',
      },
    )
  }
  const maximumRetries = Number(retries ?? 0)
  return { name: name as RestartPolicy['name'], ...(maximumRetries > 0 && { maximumRetries }) }
}
