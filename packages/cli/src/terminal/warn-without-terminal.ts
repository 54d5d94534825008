import type { CommandContext } from '../context.ts'

/** Who asks for a terminal and for stdin, and has none to give, is told so: what comes from a pipe or file is taken for keys. podman goes on too; docker refuses. */
export function warnWithoutTerminal(
  { stdin, stderr, logLevel }: CommandContext,
  { interactive, tty }: { readonly interactive?: boolean | undefined; readonly tty?: boolean | undefined },
): void {
  if (interactive !== true || tty !== true || stdin.isTerminal || logLevel === 'error') return
  stderr.write('Warning: the input device is not a TTY: --tty and --interactive might not work properly\n')
}
