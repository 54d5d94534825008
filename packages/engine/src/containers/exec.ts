import type { AttachEnd, ExecOptions } from '@podwright/contracts'
import { randomHex } from '@podwright/linux'
import { attach, execProcess, readHostFacts } from '@podwright/runtime'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../errors.ts'
import type { EngineParts, RuntimePair } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { withKeys } from './attach.ts'
import { readSpec } from './bundle.ts'
import { type ContainerFiles, containerFiles } from './files.ts'
import { leaveSession } from './leave-session.ts'
import { monitoredContainer } from './launch-monitor.ts'
import { observe } from './observe.ts'
import { paused } from './paused.ts'
import { readInside } from './read-inside.ts'
import { secretsDirectory } from '../secrets/secrets-directory.ts'
import { measureWindow } from './window.ts'

/** Of a session that is not somebody's `exec`. */
export interface SessionOptions {
  /** Absolute. @default drawn; then it is told as an event */
  readonly directory?: string | undefined
}

/** Runs a command in a running container; without streams it is left running, and nothing is waited for. */
export async function execInContainer(
  parts: EngineParts,
  record: ContainerRecord,
  options: ExecOptions,
  session: SessionOptions = {},
): Promise<AttachEnd | undefined> {
  const files = containerFiles(parts.paths, record.id)
  const observation = observe(record, parts.evidence)
  const spec = readSpec(files, record.settings)
  if (observation.status === 'paused') throw paused(`run a command in ${record.name}`, record)
  if (observation.pid === 0 || observation.status !== 'running' || spec === undefined) {
    throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot run a command in ${record.name}: it is ${observation.status}`, {
      hint: `Start it first: podwright start ${record.name}`,
      details: { id: record.id, status: observation.status },
    })
  }
  const pair = await parts.runtime(record.runtime)
  // What runs detached may outlive the session that it is started from; and from the group of a session, which is root's, nobody else may move a process to a container's.
  await leaveSession(parts)
  const host = readHostFacts({ rootless: parts.rootless, idMap: (await parts.namespace()).idMap() })
  const sized = options.streams === undefined ? undefined : await measureWindow(options.streams, options.terminal ?? false)
  const variables = record.settings.secrets?.some(({ type }) => type === 'env')
    ? await (await import('../secrets/container-secrets.ts')).openVariables(parts, record)
    : undefined
  const process = execProcess({
    spec,
    command: options.command,
    // As with podman: what a secret says is not for who runs a command to change.
    environment: { ...options.environment, ...variables },
    workingDirectory: options.workingDirectory,
    user: options.user,
    passwd: options.user === undefined ? undefined : readInside(observation.pid, 'etc/passwd'),
    group: options.user === undefined ? undefined : readInside(observation.pid, 'etc/group'),
    terminal: options.terminal,
    privileged: options.privileged,
    hostCapabilities: host.capabilities,
    consoleSize: sized?.size,
  })
  return runSession(parts, record, files, pair, process, {
    streams: sized?.streams,
    signal: options.signal,
    isSecret: variables !== undefined,
    descriptors: options.handedOn?.descriptors,
    ...session,
  })
}

async function runSession(
  parts: EngineParts,
  record: ContainerRecord,
  files: ContainerFiles,
  pair: RuntimePair,
  process: ReturnType<typeof execProcess>,
  {
    streams,
    signal,
    isSecret,
    descriptors,
    directory,
  }: Pick<ExecOptions, 'streams' | 'signal'> &
    SessionOptions & { readonly isSecret: boolean; readonly descriptors: readonly number[] | undefined },
): Promise<AttachEnd | undefined> {
  const sessionId = randomHex(32)
  const noteBegin = async (): Promise<void> => {
    if (directory === undefined) await (await parts.store()).noteContainer(record.id, { action: 'exec', time: parts.clock.now() })
  }
  const sessionDirectory = directory ?? join(files.execDirectory, sessionId.slice(0, 16))
  const processDirectory = isSecret ? join(secretsDirectory(parts, record.id), sessionId) : undefined
  // It has the secrets in it, and the runtime has read it by then.
  const forgetProcess = (): void => {
    if (processDirectory !== undefined) rmSync(processDirectory, { recursive: true, force: true })
  }
  const container = { ...(await monitoredContainer(parts, pair, record, files)), ...(descriptors !== undefined && { descriptors }) }
  try {
    const session = await pair.monitor.exec(container, {
      process,
      sessionDirectory,
      processDirectory,
      sessionId,
      stdin: streams?.stdin !== undefined,
      attach: streams !== undefined,
      // A session that nobody waits for leaves its directory to `rm` of itself.
      exitCommand: streams === undefined ? ['/bin/rm', '-rf', sessionDirectory] : undefined,
      signal,
    })
    if (streams === undefined || session.attachSocket === undefined) {
      await session.start({ signal })
      await noteBegin()
      return undefined
    }
    const reason = await attach(
      { socketPath: session.attachSocket, controlFifo: session.controlFifo },
      withKeys(streams, process.terminal ?? false),
      {
        signal,
        onConnected: async () => {
          await session.start({ signal })
          forgetProcess()
          await noteBegin()
        },
      },
    )
    if (reason === 'detached') return { type: 'detached' }
    return { type: 'exited', exitCode: await session.wait({ signal }) }
  } finally {
    forgetProcess()
    if (streams !== undefined) rmSync(sessionDirectory, { recursive: true, force: true })
  }
}
