import type { Runtime, RuntimeState } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { runTool } from '@podwright/linux'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RuntimeError } from '../errors.ts'
import { parseRuntimeState } from './runtime-state.ts'
import { checkpointWords, withCriuWords } from './checkpoint-words.ts'
import { releaseByFifo } from './release-by-fifo.ts'
import { runtimeFailure } from './runtime-failure.ts'

/** What `createRuntime` builds on. */
export interface RuntimeOptions {
  /** `crun`, `runc` or `youki` bring their own words; any other name is spoken to like runc. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** Directory of the runtime's own state; on a tmpfs, short-lived, absolute. */
  readonly root: string
  readonly rootless: boolean
  /** As `findRuntime` says. With `disabled` the spec must name no cgroupsPath. */
  readonly cgroups: 'enabled' | 'disabled'
  /** @default 'cgroupfs' */
  readonly cgroupManager?: 'cgroupfs' | 'systemd' | undefined
  /** The words that lead into the engine's namespaces (`NamespaceExecutor.prefix`). @default none */
  readonly prefix?: (() => Promise<readonly string[]>) | undefined
  /** Its whole environment besides PATH. */
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** Runtimes that keep what they know of a container in a directory of its id below their root, and nothing without it. */
const keepsDirectories: ReadonlySet<string> = new Set(['crun', 'runc', 'youki'])

/** An OCI runtime's command line as a component. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const globals = globalArguments(options)
  const run = async (
    operation: string,
    id: string,
    words: readonly string[],
    { signal, input }: AbortOptions & { readonly input?: string },
  ): Promise<string> => {
    const [tool = options.path, ...args] = [...((await options.prefix?.()) ?? []), options.path, ...globals, ...words]
    const result = await runTool(tool, args, { signal, input, allowFailure: true, env: environment(options) })
    if (result.exitCode !== 0) throw runtimeFailure(options.name, result.stderr, { container: id, operation })
    return result.stdout
  }
  const knows = (id: string): boolean => !keepsDirectories.has(options.name) || existsSync(join(options.root, id))
  return {
    name: options.name,
    path: options.path,
    globalArguments: globals,
    knows,
    async start(id, abort = {}) {
      if (options.name === 'crun' && releaseByFifo(join(options.root, id))) return
      // In the engine's namespaces: hooks for after the start are run where those for before it were.
      await run('start', id, ['start', id], abort)
    },
    state: (id, abort = {}) => readState(() => run('read the state of', id, ['state', id], abort)),
    kill: async (id, signal, abort = {}) => {
      await run('signal', id, ['kill', ...(abort.all ? ['--all'] : []), id, String(signal)], abort)
    },
    pause: async (id, abort = {}) => void (await run('pause', id, ['pause', id], abort)),
    update: async (id, resources, abort = {}) =>
      void (await run('change the limits of', id, ['update', '--resources', '-', id], { ...abort, input: JSON.stringify(resources) })),
    checkpoint: async (id, wish) => {
      const words = ['checkpoint', ...checkpointWords(options.name, wish), '--image-path', wish.imageDirectory]
      await withCriuWords(
        wish.workDirectory,
        'dump.log',
        run('checkpoint', id, [...words, '--work-path', wish.workDirectory, ...(wish.leaveRunning ? ['--leave-running'] : []), id], wish),
      )
    },
    resume: async (id, abort = {}) => void (await run('resume', id, ['resume', id], abort)),
    delete: async (id, abort = {}) => {
      if (!knows(id)) return
      try {
        await unlessMissing(run('delete', id, ['delete', ...(abort.force ? ['--force'] : []), id], abort))
      } catch (error) {
        // The monitor's exit command deletes, too; whoever comes second finds nothing, and each runtime says so in words of the step that it was at.
        abort.signal?.throwIfAborted()
        if (knows(id)) throw error
      }
    },
  }
}

function globalArguments({ name, root, rootless, cgroups, cgroupManager = 'cgroupfs' }: RuntimeOptions): readonly string[] {
  const systemd = cgroupManager === 'systemd' && cgroups === 'enabled'
  if (name === 'crun') return ['--root', root, '--cgroup-manager', cgroups === 'disabled' ? 'disabled' : cgroupManager]
  // Told so, runc goes on when it may not make control groups; by itself it only does for a uid other than 0.
  const tolerant = rootless && cgroups === 'disabled' && name !== 'youki' ? ['--rootless', 'true'] : []
  return ['--root', root, ...tolerant, ...(systemd ? ['--systemd-cgroup'] : [])]
}

function environment({ environment: own = {} }: RuntimeOptions): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...own }
}

async function readState(read: () => Promise<string>): Promise<RuntimeState | undefined> {
  const text = await unlessMissing(read())
  return text === undefined ? undefined : parseRuntimeState(text)
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isPodwrightError(error, 'ERR_RUNTIME_CONTAINER_NOT_FOUND' satisfies RuntimeError['code'])) return undefined
    throw error
  }
}
