import type { HandedOn } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'

/** The flags of what is handed on to a container's process. */
export const handedOnFlags = {
  'preserve-fd': {
    kind: 'list',
    value: 'FD',
    description: 'Give the process these open descriptors as well, under the same numbers',
  },
  'preserve-fds': { kind: 'integer', value: 'NUMBER', description: 'Give the process so many open descriptors as well, from 3 on' },
} as const

const firstOther = 3
/** Above what the kernel lets a process have unless it is asked; and each number up to it is one to open. */
const highest = 1023

/**
 * What the flags name or, where they name nothing and `orSockets` is set, the sockets that a service manager has opened for this process (sd_listen_fds(3)).
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_DESCRIPTOR`
 */
export async function readHandedOn(
  context: CommandContext,
  flags: Partial<FlagValues<typeof handedOnFlags>>,
  { orSockets = false }: { readonly orSockets?: boolean } = {},
): Promise<HandedOn | undefined> {
  const { 'preserve-fd': named = [], 'preserve-fds': count = 0 } = flags
  const { LISTEN_FDS: sockets, LISTEN_PID: pid, LISTEN_FDNAMES: names } = context.env
  const areOurs = orSockets && sockets !== undefined && pid === String(process.pid)
  if (named.length === 0 && count === 0) {
    if (!areOurs) return undefined
    const listening = range(numberOf(sockets, `the service manager's LISTEN_FDS`))
    await requireOpen(listening)
    return listening.length === 0 ? undefined : { descriptors: listening, activation: { names } }
  }
  if (named.length > 0 && count > 0) {
    throw new CliError(
      'ERR_CLI_FLAG_CONFLICT',
      '--preserve-fd and --preserve-fds contradict each other: one names descriptors, the other counts them',
    )
  }
  if (areOurs && context.logLevel !== 'error') {
    context.stderr.write(
      'Warning: the sockets that the service manager has opened (LISTEN_FDS) are not handed on, since --preserve-fd says what is\n',
    )
  }
  const descriptors = count > 0 ? range(numberOf(String(count), '--preserve-fds')) : named.map((word) => numberOf(word, '--preserve-fd'))
  for (const fd of descriptors) {
    if (fd < firstOther) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${fd}" for --preserve-fd: 0, 1 and 2 are stdin, stdout and stderr`)
    }
  }
  await requireOpen(descriptors)
  return { descriptors: [...new Set(descriptors)] }
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + firstOther)
}

function numberOf(word: string, what: string): number {
  if (/^\d{1,4}$/.test(word) && Number(word) <= highest) return Number(word)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${word}" for ${what}: it is no number up to ${highest}`)
}

async function requireOpen(descriptors: readonly number[]): Promise<void> {
  const { isInherited } = await import('@podwright/linux')
  const missing = descriptors.find((fd) => !isInherited(fd))
  if (missing === undefined) return
  throw new CliError('ERR_CLI_DESCRIPTOR', `cannot hand on descriptor ${missing}: it is not open`, {
    hint: `A shell opens it: podwright run --preserve-fds ${missing - firstOther + 1} IMAGE ${missing}<FILE`,
  })
}
