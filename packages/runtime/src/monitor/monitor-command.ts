/** Options of `monitorCommand`. */
export interface MonitorCommandOptions {
  /** Directory that the command starts in; absolute. @default `/` behind a prefix or in a mount namespace, else that of the caller */
  readonly directory?: string | undefined
  /** The command gets a mount namespace of its own, and what `mountOrders` makes is mounted in it. @default false */
  readonly mountNamespace?: boolean | undefined
  /** What is handed on to the container. @default nothing */
  readonly handedOn?: readonly number[] | undefined
}

/** Exit statuses of the wrapper that the monitor itself never has. */
export const wrapperStatus: { readonly directory: number } = { directory: 92 }

/** Numbers of the pipes of a monitor and its wrapper. */
export interface MonitorDescriptors {
  /** conmon tells the container's pid, or why there is none. */
  readonly sync: number
  /** conmon waits there for a word. */
  readonly start: number
  /** conmon tells when clients can attach. */
  readonly attach: number
  /** Where the wrapper reads what it is to mount (`mountOrders`). */
  readonly orders: number
  /** Where it writes what mount(8) complains of, or `mountsDone`. */
  readonly answers: number
}

const firstOther = 3

/** The pipes come after what is handed on to the container, whose runtime takes everything from 3 up to the last of those. */
export function monitorDescriptors(handedOn: readonly number[] = []): MonitorDescriptors {
  const first = Math.max(firstOther - 1, ...handedOn) + 1
  return { sync: first, start: first + 1, attach: first + 2, orders: first + 3, answers: first + 4 }
}

/** The wrapper's last line when all is mounted. */
export const mountsDone = 'mounted'

/**
 * Mounts beside the command, which waits for a word by itself, and must not see its pipes held open by anybody else.
 *
 * mount(8) of util-linux 2.39 sets options one by one, each at most 255 bytes: the old way takes a page of them.
 */
const mountScript = ({ sync, start, orders, answers }: MonitorDescriptors): string => `
(
  exec ${sync}>&- ${start}<&-
  while IFS= read -r directory && [ -n "$directory" ]; do
    IFS= read -r type && IFS= read -r options && IFS= read -r source && IFS= read -r target || exit
    cd -- "$directory" && LIBMOUNT_FORCE_MOUNT2=always mount -t "$type" -o "$options" -- "$source" "$target" </dev/null || exit
  done
  echo ${mountsDone}
) <&${orders} >&${answers} 2>&1 ${orders}<&- ${answers}>&- &
exec ${orders}<&- ${answers}>&-
`

/** What POSIX has a shell take as the number of a descriptor has one digit, and dash takes no more. */
const highestOfPosix = 9

const directoryScript = `
cd -- "$1" || exit ${wrapperStatus.directory}
shift
exec "$@"
`

/** The command line that becomes `command` behind a prefix. Nothing of what is handed in becomes shell text. */
export function monitorCommand(
  prefix: readonly string[],
  command: readonly string[],
  { directory, mountNamespace = false, handedOn }: MonitorCommandOptions = {},
): readonly string[] {
  if (!mountNamespace && directory === undefined) return [...prefix, ...command]
  const namespace = mountNamespace ? ['unshare', '--mount', '--propagation', 'slave', '--'] : []
  const descriptors = monitorDescriptors(handedOn)
  const script = mountNamespace ? mountScript(descriptors) + directoryScript : directoryScript
  const shell = mountNamespace && descriptors.answers > highestOfPosix ? 'bash' : 'sh'
  return [...prefix, ...namespace, shell, '-c', script, 'podwright', directory ?? '/', ...command]
}
