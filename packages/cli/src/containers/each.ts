import type { CommandContext } from '../context.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'
import { renderError } from '../render/error.ts'

/** How many are worked on at a time: stopping ten containers takes as long as stopping the slowest. */
const parallel = 8

/** Options of `forEachReference`. */
export interface ForEachOptions {
  /** The exit status that a failure stands for. @default exitCodeOf */
  readonly exitCode?: (error: unknown) => number
  /** Failures that are none. @default none */
  readonly ignore?: (error: unknown) => boolean
}

/**
 * Acts on each reference, several at a time. Prints what the action resolves with (undefined: nothing) or why it failed, in the order of the
 * references; the exit status is the highest.
 */
export async function forEachReference(
  context: Pick<CommandContext, 'stdout' | 'stderr' | 'logLevel'>,
  references: readonly string[],
  action: (reference: string) => Promise<string | undefined>,
  options: ForEachOptions = {},
): Promise<number> {
  let status: number = exitCodes.success
  for (const result of startAll(references, action)) {
    try {
      const line = await result
      if (line !== undefined) context.stdout.write(`${line}\n`)
    } catch (error) {
      if (options.ignore?.(error) === true) continue
      context.stderr.write(renderError(error, context.logLevel))
      status = Math.max(status, (options.exitCode ?? exitCodeOf)(error))
    }
  }
  return status
}

/** A promise for each, in order; at most `parallel` are under way. */
function startAll<Result>(references: readonly string[], action: (reference: string) => Promise<Result>): readonly Promise<Result>[] {
  const started: Promise<Result>[] = []
  for (const [index, reference] of references.entries()) {
    const before = started[index - parallel]
    const result = (before ?? Promise.resolve()).then(
      () => action(reference),
      () => action(reference),
    )
    // Whoever reads the results reads this one later.
    result.catch(() => undefined)
    started.push(result)
  }
  return started
}
