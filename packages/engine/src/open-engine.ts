import { systemClock } from '@podwright/conventions'
import type { Engine } from '@podwright/contracts'
import { isRootless } from '@podwright/userns'
import { createContainers } from './containers/containers.ts'
import { createEvidence } from './containers/evidence.ts'
import { createArtifacts } from './artifacts/artifacts.ts'
import { createImages } from './images/images.ts'
import { createManifests } from './manifests/manifests.ts'
import { createRegistries } from './registries/registries.ts'
import { ownEntries } from './entries.ts'
import { resolve } from 'node:path'
import type { EngineOptions } from './options.ts'
import { assembleParts } from './assemble-parts.ts'
import { enginePaths, makeEngineDirectories } from './paths.ts'
import { createSecrets } from './secrets/secrets.ts'
import { createSystem } from './system/system.ts'
import { createVolumes } from './volumes/volumes.ts'

/**
 * Opens the container engine of this user, rootless unless we are the machine's root. Nothing is started: what an operation needs is
 * opened when it is called for. Dispose of it when done.
 *
 * @throws `ERR_ENGINE_RUN_ROOT`
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const rootless = options.inside === true || isRootless()
  const paths = enginePaths(options, rootless)
  makeEngineDirectories(paths)
  const { parts, close } = assembleParts(options, {
    paths,
    rootless,
    inside: options.inside ?? false,
    leavesSession: options.leavesSession ?? false,
    entries: options.entries ?? ownEntries(),
    environment: options.environment ?? process.env,
    clock: options.clock ?? systemClock,
    evidence: createEvidence(paths),
    cdiSpecDirectories: options.cdiSpecDirectories?.map((path) => resolve(path)),
  })
  return {
    images: createImages(parts),
    containers: createContainers(parts),
    volumes: createVolumes(parts),
    secrets: createSecrets(parts),
    registries: createRegistries(parts),
    manifests: createManifests(parts),
    artifacts: createArtifacts(parts),
    system: createSystem(parts, options),
    [Symbol.asyncDispose]: close,
  }
}
