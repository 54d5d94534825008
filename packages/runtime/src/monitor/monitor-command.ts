/** Options of `monitorCommand`. */
export interface MonitorCommandOptions {
  /** Directory that the command starts in; absolute. @default `/` behind a prefix or in a mount namespace, else that of the caller */
  readonly directory?: string | undefined
  /** The command gets a mount namespace of its own, and what is ordered on `mountDescriptors` is mounted in it. @default false */
  readonly mountNamespace?: boolean | undefined
}

/** Exit statuses of the wrapper that the monitor itself never has. */
export const wrapperStatus: { readonly directory: number } = { directory: 92 }

/** Where the wrapper reads what it is to mount (`mountOrders`), and writes what mount(8) complains of, or `mountsDone`. */
export const mountDescriptors: { readonly orders: number; readonly answers: number } = { orders: 6, answers: 7 }

/** The wrapper's last line when all is mounted. */
export const mountsDone = 'mounted'

/**
 * Mounts beside the command, which waits for a word by itself, and must not see its pipes (3 and 4) held open by anybody else.
 *
 * mount(8) of util-linux 2.39 sets options one by one, each at most 255 bytes: the old way takes a page of them.
 */
const mountScript = `
(
  exec 3>&- 4<&-
  while IFS= read -r directory && [ -n "$directory" ]; do
    IFS= read -r type && IFS= read -r options && IFS= read -r source && IFS= read -r target || exit
    cd -- "$directory" && LIBMOUNT_FORCE_MOUNT2=always mount -t "$type" -o "$options" -- "$source" "$target" </dev/null || exit
  done
  echo ${mountsDone}
) <&${mountDescriptors.orders} >&${mountDescriptors.answers} 2>&1 ${mountDescriptors.orders}<&- ${mountDescriptors.answers}>&- &
exec ${mountDescriptors.orders}<&- ${mountDescriptors.answers}>&-
`

const directoryScript = `
cd -- "$1" || exit ${wrapperStatus.directory}
shift
exec "$@"
`

/** The command line that becomes `command` behind a prefix. Nothing of what is handed in becomes shell text. */
export function monitorCommand(
  prefix: readonly string[],
  command: readonly string[],
  { directory, mountNamespace = false }: MonitorCommandOptions = {},
): readonly string[] {
  if (!mountNamespace && directory === undefined) return [...prefix, ...command]
  const namespace = mountNamespace ? ['unshare', '--mount', '--propagation', 'slave', '--'] : []
  const script = mountNamespace ? mountScript + directoryScript : directoryScript
  return [...prefix, ...namespace, 'sh', '-c', script, 'podwright', directory ?? '/', ...command]
}
