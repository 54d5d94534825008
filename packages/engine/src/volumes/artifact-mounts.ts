import type { ArtifactUse, ContainerMount, Snapshot } from '@podwright/contracts'
import { mediaTypes } from '@podwright/oci'
import { existsSync, mkdirSync } from 'node:fs'
import { posix } from 'node:path'
import { requireArtifact } from '../artifacts/find-artifact.ts'
import { opacityTest } from '../containers/bundle.ts'
import { containerFiles } from '../containers/files.ts'
import { layeredFile } from '../containers/layered-tree.ts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'

type Subject = Pick<ContainerRow, 'id' | 'mounts'>
type ArtifactFile = NonNullable<ArtifactUse['files']>[number]

/** image-spec v1.1, "Pre-Defined Annotation Keys". */
const titleAnnotation = 'org.opencontainers.image.title'

/**
 * The mount with the files that are chosen, under the names that they get.
 *
 * @throws `ERR_ARTIFACT_NOT_FOUND`, `ERR_CONTAINER_OPTION_INVALID`
 */
export async function resolveArtifactMount(parts: EngineParts, mount: ContainerMount): Promise<ContainerMount> {
  const { source = '', target, artifact: use = {} } = mount
  if (mount.readOnly === false) throw invalid(`cannot mount the artifact ${source} onto ${target} for writing: its files are read-only`)
  const { artifact } = await requireArtifact(await parts.storage(), source)
  const blobs = artifact.manifest.layers
    .filter(({ mediaType }) => mediaType !== mediaTypes.ociEmpty)
    .map(({ digest, annotations }) => ({ digest, title: annotations?.[titleAnnotation] }))
  const chosen = blobs.filter(
    ({ digest, title }) => (use.title === undefined || use.title === title) && (use.digest === undefined || use.digest === digest),
  )
  if (chosen.length === 0) {
    const has = blobs.length === 0 ? 'It has none.' : `It has ${blobs.map(({ digest, title }) => title ?? digest).join(', ')}.`
    throw new EngineError('ERR_ARTIFACT_NOT_FOUND', `the artifact ${source} has no file ${JSON.stringify(use.title ?? use.digest ?? '')}`, {
      hint: has,
    })
  }
  const files = chosen.map(({ digest, title }, index) => ({
    digest,
    name: nameOf(use.name, title ?? digest, chosen.length > 1 ? index : undefined),
  }))
  for (const { name } of files) checkName(name, mount)
  const twice = files.find(({ name }, at) => files.findIndex((other) => other.name === name) < at)
  if (twice !== undefined) {
    throw invalid(
      `cannot mount the artifact ${source} onto ${target}: two of its files are called ${twice.name}`,
      'Choose one by its digest, or give a name.',
    )
  }
  return { ...mount, readOnly: true, artifact: { ...use, files } }
}

/** Gives the container names of its own for the files: they stay when the artifact goes. */
export async function linkArtifacts(parts: EngineParts, subject: Subject): Promise<void> {
  const storage = await parts.storage()
  for (const { path, file } of linksOf(parts, subject)) {
    mkdirSync(posix.dirname(path), { recursive: true, mode: 0o711 })
    if (!existsSync(path)) await storage.linkBlob(file.digest, path)
  }
}

/** What a runtime mounts of an artifact: its files in the directory, or its one file in the place of another. */
export function artifactBinds(
  parts: EngineParts,
  subject: Subject,
  mount: ContainerMount,
  { layers }: Snapshot,
): readonly ContainerMount[] {
  const links = linksOf(parts, subject).filter((link) => link.mount === mount)
  const bind = (source: string, target: string): ContainerMount => ({
    type: 'bind',
    source,
    target,
    readOnly: true,
    options: mount.options,
  })
  const [only] = links
  if (only !== undefined && links.length === 1 && layeredFile(layers, mount.target, opacityTest()) !== undefined)
    return [bind(only.path, mount.target)]
  return links.map(({ path, file }) => bind(path, posix.join(mount.target, file.name)))
}

function linksOf(
  parts: EngineParts,
  { id, mounts }: Subject,
): readonly { readonly mount: ContainerMount; readonly file: ArtifactFile; readonly path: string }[] {
  const { directory } = containerFiles(parts.paths, id)
  return mounts.flatMap((mount, at) =>
    (mount.artifact?.files ?? []).map((file, index) => ({ mount, file, path: `${directory}/artifacts/${at}.${index}` })),
  )
}

function nameOf(given: string | undefined, usual: string, index: number | undefined): string {
  if (given === undefined) return usual
  return index === undefined ? given : `${given}-${index}`
}

/** A title is whatever a stranger wrote. */
function checkName(name: string, { source = '', target }: ContainerMount): void {
  const parts = name.split('/')
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..') && !name.includes('\0')) return
  throw invalid(
    `cannot mount the artifact ${source} onto ${target}: ${JSON.stringify(name)} is no name that a file in it can have`,
    'Give it another one with name=.',
  )
}

function invalid(message: string, hint?: string): EngineError {
  return new EngineError('ERR_CONTAINER_OPTION_INVALID', message, hint === undefined ? {} : { hint })
}
