import type { HandedOn, LaunchedMonitor, Snapshot } from '@podwright/contracts'
import { type FileLock, lockFile } from '@podwright/linux'
import type { EngineParts, RuntimePair } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { prepareDirectory } from './bundle.ts'
import { containerFiles } from './files.ts'
import { leaveSession } from './leave-session.ts'
import { launchMonitor } from './launch-monitor.ts'
import { rootMount } from './root-mount.ts'

/**
 * The start of a container that is made to be started next, begun while it is made: its monitor enters the namespaces and mounts the root meanwhile. The
 * state lock is held from before there is a row, which says `initialized` from its first moment, as it does in any start.
 */
export interface StartAhead extends Disposable {
  /** As it is to be again should the start fail: created. */
  readonly record: ContainerRecord
  readonly snapshot: Snapshot
  readonly pair: RuntimePair
  readonly lock: FileLock
  readonly monitor: LaunchedMonitor
}

/** A start that has no container yet. */
export interface BegunStart extends Disposable {
  /** Launches the monitor, once there is a row and a directory. */
  launch(record: ContainerRecord): Promise<void>
  /** Has it mount the tree, once there is one. */
  mount(snapshot: Snapshot): StartAhead
}

/** Of containers that this process has made and is about to start, by id. */
const kept = new Map<string, StartAhead>()

/** Takes the state lock of a container that has no row yet. */
export async function beginStart(
  parts: EngineParts,
  id: string,
  pair: RuntimePair,
  { handedOn }: { readonly handedOn?: HandedOn | undefined } = {},
): Promise<BegunStart> {
  const files = containerFiles(parts.paths, id)
  const lock = await lockFile(files.stateLock)
  let launched: { readonly record: ContainerRecord; readonly monitor: LaunchedMonitor } | undefined
  const dispose = (): void => {
    launched?.monitor[Symbol.dispose]()
    lock.release()
  }
  return {
    async launch(record) {
      prepareDirectory(record, files)
      await leaveSession(parts)
      launched = { record, monitor: await launchMonitor(parts, pair, record, files, { descriptors: handedOn?.descriptors }) }
    },
    mount(snapshot) {
      if (launched === undefined) throw new Error('a monitor mounts once it is launched')
      launched.monitor.mount(rootMount(parts.paths, snapshot).mounts)
      return { ...launched, snapshot, pair, lock, [Symbol.dispose]: dispose }
    },
    [Symbol.dispose]: dispose,
  }
}

/** Keeps a start for `takeAhead`. */
export function keepAhead(ahead: StartAhead): void {
  kept.set(ahead.record.id, ahead)
}

/** The start that this process has begun; undefined when it has not, or has been asked before. */
export function takeAhead(id: string): StartAhead | undefined {
  const ahead = kept.get(id)
  kept.delete(id)
  return ahead
}
