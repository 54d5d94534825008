import type { CommitContainerOptions, StoredImage } from '@podwright/contracts'
import type { ImageConfig } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { configChanges } from '../images/config-changes.ts'
import { nameToGive } from '../images/tag.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { onDirectory } from './directory-root.ts'
import { lookUpContainer } from './lookup.ts'
import { ownPaths } from './own-paths.ts'
import { observe } from './observe.ts'
import { requireSnapshot } from './require-snapshot.ts'
import { lockState } from './state-lock.ts'

/**
 * Makes an image of what a container has changed. Its state lock is held meanwhile, so that nobody starts, ends or removes it; its processes go on
 * unless they are to be frozen.
 */
export async function commitContainer(parts: EngineParts, reference: string, options: CommitContainerOptions): Promise<StoredImage> {
  const change = configChanges(options.changes ?? [])
  const names = options.name === undefined ? [] : [nameToGive(options.name)]
  const { id } = lookUpContainer(await parts.store(), reference)
  const lock = await lockState(parts, id, options)
  try {
    const record = (await parts.store()).require(id)
    if (record.status === 'removing') throw removalInterrupted(record)
    if (record.settings.root !== undefined) throw onDirectory(`commit the container ${record.name}`, record.settings.root)
    await requireSnapshot(parts, record)
    await using _ = options.pause === true ? await frozen(parts, record) : undefined
    const { author, message, squash, format, signal, onProgress } = options
    return await (
      await parts.storage()
    ).commitSnapshot(id, {
      names,
      author,
      message,
      squash,
      format,
      signal,
      onProgress,
      exclude: ownPaths(record.settings),
      createdBy: record.settings.args.join(' '),
      changeConfig: (config) => change(withOwnSettings(config, record)),
    })
  } finally {
    lock.release()
  }
}

/** Nobody is at it, since its state lock is ours; what it had may be gone. */
function removalInterrupted({ name }: ContainerRecord): EngineError {
  return new EngineError(
    'ERR_CONTAINER_NOT_FOUND',
    `cannot commit the container ${name}: its removal was interrupted, and what it had may be gone`,
    {
      hint: `podwright rm ${name} removes the rest.`,
      details: { reference: name },
    },
  )
}

/** A container's image starts as the container did. */
function withOwnSettings(image: ImageConfig, { settings }: ContainerRecord): ImageConfig {
  const config = {
    ...image.config,
    Env: settings.environment.filter(
      (variable) => !/^(?:HOSTNAME|TERM|container|HOME)=/.test(variable) || image.config?.Env?.includes(variable),
    ),
    Cmd: settings.command,
    ...(settings.entrypoint.length > 0 && { Entrypoint: settings.entrypoint }),
    WorkingDir: settings.workingDirectory,
    ...(settings.user !== '' && { User: settings.user }),
    ...(Object.keys(settings.labels).length > 0 && { Labels: settings.labels }),
  }
  return { ...image, config }
}

async function frozen(parts: EngineParts, record: ContainerRecord): Promise<AsyncDisposable | undefined> {
  if (observe(record, parts.evidence).status !== 'running') return undefined
  const { freeze, thaw } = await import('./pause.ts')
  await freeze(parts, record)
  return { [Symbol.asyncDispose]: () => thaw(parts, record) }
}
