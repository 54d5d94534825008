import type { AbortOptions } from '@podwright/conventions'
import type { MountInput } from '@podwright/runtime'
import { mkdirSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord, ContainerSettings } from '../state/record.ts'
import { observe } from './observe.ts'

/** Where a container finds the socket, as with podman. */
const inContainer = '/run/notify'

type Settings = Pick<ContainerSettings, 'tuning'>

/** The service manager's socket, when whoever starts the container has one and it is to be told. */
export function notifySocket({ environment }: Pick<EngineParts, 'environment'>, { tuning }: Settings): string | undefined {
  const path = environment['NOTIFY_SOCKET'] ?? ''
  return path === '' || tuning?.notify === 'ignore' ? undefined : path
}

/** The same when the container tells by itself that it is ready: the monitor hands it on, since the manager listens to its own service alone. */
export function relayedSocket(parts: Pick<EngineParts, 'environment'>, settings: Settings): string | undefined {
  const mode = settings.tuning?.notify
  return mode === 'conmon' || mode === 'healthy' ? undefined : notifySocket(parts, settings)
}

/** What a container gets for that. */
export function relayInput(bundle: string): { readonly mount: MountInput; readonly environment: Readonly<Record<string, string>> } {
  const directory = `${bundle}/notify`
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  return {
    mount: { type: 'bind', source: directory, target: inContainer, options: ['nosuid', 'nodev', 'noexec'] },
    environment: { NOTIFY_SOCKET: `${inContainer}/notify.sock` },
  }
}

/** Tells the manager which process the service is, and whether it is ready (sd_notify(3)). What can't be told stops nothing. */
export async function notifyStart(parts: Pick<EngineParts, 'environment'>, settings: Settings, monitorPid: number): Promise<void> {
  await tell(parts, settings, `MAINPID=${monitorPid}${settings.tuning?.notify === 'conmon' ? '\nREADY=1' : ''}`)
}

/** How often is looked whether it is healthy; checks are seconds apart. */
const lookEveryMs = 100

/** Waits until a container is healthy, and tells the manager so, when that is what it waits for. One that ends before is never ready. */
export async function notifyHealthy(
  parts: Pick<EngineParts, 'clock' | 'environment' | 'evidence' | 'store'>,
  { id, settings }: Pick<ContainerRecord, 'id' | 'settings'>,
  options: AbortOptions = {},
): Promise<void> {
  if (settings.tuning?.notify !== 'healthy' || notifySocket(parts, settings) === undefined) return
  const store = await parts.store()
  for (;;) {
    const row = store.find(id)
    if (row === undefined || observe(row, parts.evidence).pid === 0) return
    if (row.keeping?.health?.status === 'healthy') return tell(parts, settings, 'READY=1')
    await parts.clock.sleep(lookEveryMs, options)
  }
}

async function tell(parts: Pick<EngineParts, 'environment'>, settings: Settings, text: string): Promise<void> {
  const path = notifySocket(parts, settings)
  if (path === undefined) return
  const { sendDatagram } = await import('@podwright/linux')
  try {
    sendDatagram(path, text)
  } catch {
    // The manager is gone, or was never there.
  }
}
