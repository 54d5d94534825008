import type { ContainerKernelOptions, IdMapping } from '@podwright/contracts'
import { CliError } from '../../errors.ts'

/** The flags that say which ids a container has. */
export interface UserNamespaceFlags {
  readonly userns?: string | undefined
  readonly uidmap: readonly string[]
  readonly gidmap: readonly string[]
  readonly subuidname?: string | undefined
  readonly subgidname?: string | undefined
}

const known = 'host, keep-id, keep-id:uid=UID,gid=GID, nomap, or private with --uidmap'

/**
 * What these flags ask for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readUserNamespace(flags: UserNamespaceFlags): Pick<ContainerKernelOptions, 'userNamespace'> {
  const mode = flags.userns ?? ''
  const { uidmap, gidmap, subuidname, subgidname } = flags
  const names = [subuidname, subgidname].filter((name) => name !== undefined)
  const hasMaps = uidmap.length > 0 || gidmap.length > 0
  if (!hasMaps && names.length === 0) return mode === '' ? {} : { userNamespace: readMode(mode) }
  if (mode !== '' && mode !== 'private') {
    throw new CliError(
      'ERR_CLI_FLAG_CONFLICT',
      `--userns ${mode} and ${hasMaps ? '--uidmap' : '--subuidname'} contradict each other: each says which ids there are`,
    )
  }
  if (hasMaps && names.length > 0) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', '--uidmap and --subuidname contradict each other: each says which ids there are')
  }
  if (hasMaps) return { userNamespace: { mode: 'private', idMap: readMaps(uidmap, gidmap) } }
  const [name = ''] = names
  return { userNamespace: { mode: 'sub-ids', uidName: subuidname ?? name, gidName: subgidname ?? name } }
}

function readMode(text: string): NonNullable<ContainerKernelOptions['userNamespace']> {
  if (text === 'host' || text === 'nomap') return { mode: text }
  const options = /^keep-id(?::(.*))?$/.exec(text)
  if (options !== null) return { mode: 'keep-id', ...keptIds(text, options[1]) }
  if (/^(private$|auto(:|$)|container:|ns:|pod$)/.test(text)) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --userns ${text}: podwright does not have it yet`, {
      hint: `It is ${known}.`,
    })
  }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --userns: it is ${known}`, {
    details: { flag: '--userns', value: text },
  })
}

function keptIds(text: string, options = ''): { readonly uid?: number; readonly gid?: number } {
  const kept: { uid?: number; gid?: number } = {}
  for (const option of options.split(',').filter((each) => each !== '')) {
    const match = /^(uid|gid)=(\d{1,10})$/.exec(option)
    if (match === null) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --userns: "${option}" is not uid=NUMBER or gid=NUMBER`)
    }
    kept[match[1] as 'uid' | 'gid'] = Number(match[2])
  }
  return kept
}

/** One of the two stands for both. */
function readMaps(
  uids: readonly string[],
  gids: readonly string[],
): { readonly uids: readonly IdMapping[]; readonly gids: readonly IdMapping[] } {
  const users = uids.map((text) => readMapping('--uidmap', text))
  const groups = gids.map((text) => readMapping('--gidmap', text))
  return { uids: users.length > 0 ? users : groups, gids: groups.length > 0 ? groups : users }
}

function readMapping(flag: string, text: string): IdMapping {
  const match = /^(\d{1,10}):(\d{1,10})(?::(\d{1,10}))?$/.exec(text)
  if (match === null) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${flag}: it is not INSIDE:OUTSIDE:SIZE`, {
      hint: 'Ids outside are those of the host for root; for a plain user 0 is the user, and 1 the first subordinate id.',
    })
  }
  return { containerId: Number(match[1]), hostId: Number(match[2]), size: Number(match[3] ?? 1) }
}
