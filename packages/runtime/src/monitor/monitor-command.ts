import type { MountSpec } from '@podwright/contracts'

/** Options of `monitorCommand`. */
export interface MonitorCommandOptions {
  /** Directory that the command starts in; absolute. @default `/` behind a prefix or mounts, else that of the caller */
  readonly directory?: string | undefined
}

/** Exit statuses of the wrapper that the monitor itself never has. */
export const wrapperStatus: { readonly mount: number; readonly directory: number } = { mount: 91, directory: 92 }

/** mount(8) of util-linux 2.39 sets options one by one, each at most 255 bytes: the old way takes a page of them. */
const wrapperScript = `
count=$1
shift
while [ "$count" -gt 0 ]; do
  cd -- "$1" || exit ${wrapperStatus.mount}
  LIBMOUNT_FORCE_MOUNT2=always mount -t "$2" -o "$3" -- "$4" "$5" || exit ${wrapperStatus.mount}
  shift 5
  count=$((count - 1))
done
cd -- "$1" || exit ${wrapperStatus.directory}
shift
exec "$@"
`

/**
 * The command line that carries out `mounts` in a mount namespace of its own and then becomes `command` in it. The mounts end with the last
 * process there. Nothing of what is handed in becomes shell text.
 */
export function monitorCommand(
  prefix: readonly string[],
  mounts: readonly MountSpec[],
  command: readonly string[],
  options: MonitorCommandOptions = {},
): readonly string[] {
  if (mounts.length === 0 && options.directory === undefined) return [...prefix, ...command]
  const namespace = mounts.length === 0 ? [] : ['unshare', '--mount', '--propagation', 'slave', '--']
  const shell = ['sh', '-c', wrapperScript, 'podwright', String(mounts.length)]
  return [...prefix, ...namespace, ...shell, ...mounts.flatMap(mountWords), options.directory ?? '/', ...command]
}

function mountWords({ type, source, target, options, workingDirectory = '/' }: MountSpec): readonly string[] {
  const words = type === 'bind' && !options.some((option) => option === 'bind' || option === 'rbind') ? ['bind', ...options] : options
  return [workingDirectory, type === 'bind' ? 'none' : type, words.length > 0 ? words.join(',') : 'rw', source, target]
}
