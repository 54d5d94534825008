import type { ContainerKernelOptions, NamespaceChoice } from '@podwright/contracts'
import { CliError } from '../../errors.ts'

/** The flags that say in whose namespaces a container is. */
export interface NamespaceFlags {
  readonly pid?: string | undefined
  readonly ipc?: string | undefined
  readonly uts?: string | undefined
  readonly cgroupns?: string | undefined
}

/**
 * What `--pid`, `--ipc`, `--uts` and `--cgroupns` ask for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function readNamespaces({
  pid,
  ipc,
  uts,
  cgroupns,
}: NamespaceFlags): Pick<ContainerKernelOptions, 'pidNamespace' | 'ipcNamespace' | 'utsNamespace' | 'cgroupNamespace'> {
  return {
    ...(isGiven(pid) && { pidNamespace: readChoice('--pid', pid) }),
    ...(isGiven(ipc) && { ipcNamespace: ipc === 'none' || ipc === 'shareable' ? ipc : readChoice('--ipc', ipc, 'shareable, none, ') }),
    ...(isGiven(uts) && { utsNamespace: readChoice('--uts', uts) }),
    ...(isGiven(cgroupns) && { cgroupNamespace: readChoice('--cgroupns', cgroupns) }),
  }
}

/** Nothing means the default, as with docker and podman. */
function isGiven(mode: string | undefined): mode is string {
  return mode !== undefined && mode !== ''
}

function readChoice(flag: string, mode: string, more = ''): NamespaceChoice {
  if (mode === 'private' || mode === 'host') return mode
  const [, container, path] = /^(?:container:(.+)|ns:(\/.*))$/.exec(mode) ?? []
  if (container !== undefined) return { container }
  if (path !== undefined) return { path }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${mode}" for ${flag}: it is private, host, ${more}container:NAME or ns:PATH`, {
    details: { flag, value: mode },
  })
}

/** The word for it. */
export function namespaceWord(choice: NamespaceChoice | 'none' | 'shareable'): string {
  if (typeof choice !== 'object') return choice
  return 'container' in choice ? `container:${choice.container}` : `ns:${choice.path}`
}
