import type { ContainerOptions, Engine, HandedOn } from '@podwright/contracts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { type ContainerRequest, containerOptions } from './container-options.ts'
import { refuseExistingFile, writeNewFile } from './files.ts'

/** A container just recorded, and what it was made from. */
export interface CreatedContainer {
  readonly engine: Engine
  readonly id: string
  readonly options: ContainerOptions
}

/**
 * Pulls the image when it is needed, creates the container, writes `--cidfile` and says warnings. With `startsNext`, no prune takes it before it is
 * started.
 */
export async function createContainer(
  context: CommandContext,
  request: ContainerRequest,
  { startsNext = false, handedOn }: { readonly startsNext?: boolean; readonly handedOn?: HandedOn | undefined } = {},
): Promise<CreatedContainer> {
  const { cidfile, quiet, replace } = request.flags
  if (replace === true && request.flags.name === undefined) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', 'cannot replace a container without --name: nothing says which')
  }
  const options = await containerOptions(context, request)
  if (cidfile !== undefined) refuseExistingFile('--cidfile', cidfile)
  const engine = await context.engine()
  const { id, warnings } = await createReporting(
    context,
    engine,
    { ...options, ...(startsNext && { startsNext, handedOn }), ...(replace === true && { replace }) },
    quiet === true,
  )
  if (context.logLevel !== 'error') for (const warning of warnings) context.stderr.write(`Warning: ${warning}\n`)
  if (cidfile !== undefined) {
    await orRemove(engine, id, () => writeNewFile('--cidfile', cidfile, id))
  }
  if (options.restart !== undefined) await (await import('../boot/tell-boot.ts')).ensureBootStart(context, engine, { ...options, id })
  return { engine, id, options }
}

/** Does something with a container; removes it when that fails. */
export async function orRemove<Result>(engine: Engine, id: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    // What failed first is what matters; the next command finds what is left over.
    await engine.containers.remove(id, { force: true }).catch(() => undefined)
    throw error
  }
}

async function createReporting(
  context: CommandContext,
  engine: Engine,
  options: Parameters<Engine['containers']['create']>[0],
  quiet: boolean,
): ReturnType<Engine['containers']['create']> {
  const { signal } = context.signals
  using report = openTransferReport(context, quiet)
  return await engine.containers.create({ ...options, pull: { ...options.pull, signal, onProgress: report.onProgress }, signal })
}
