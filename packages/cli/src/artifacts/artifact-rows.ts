import type { StoredArtifact } from '@podwright/contracts'
import { humanAge } from '../render/duration.ts'
import type { ListDefinition } from '../render/list-definition.ts'
import { goDate } from '../render/moment.ts'
import { humanSize } from '../render/size.ts'

/** How artifacts are shown. */
export interface ArtifactView {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly whole: boolean
}

/** One line of `artifact ls`: an artifact by one of its names. */
export interface ArtifactRow {
  readonly artifact: StoredArtifact
  readonly name: string | undefined
}

/** A row for each name. */
export function artifactRows(artifacts: readonly StoredArtifact[]): readonly ArtifactRow[] {
  return artifacts.flatMap((artifact): readonly ArtifactRow[] =>
    artifact.names.length === 0 ? [{ artifact, name: undefined }] : artifact.names.map((name) => ({ artifact, name })),
  )
}

/** How `artifact ls` shows artifacts. */
export function artifactList({ now, whole }: ArtifactView): ListDefinition<ArtifactRow> {
  return {
    typeName: 'Artifact',
    columns: ['Repository', 'Tag', 'Digest', 'Created', 'Size'],
    fields: {
      Repository: ({ name }) => splitName(name)[0],
      Tag: ({ name }) => splitName(name)[1],
      Digest: ({ artifact: { descriptor } }) => (whole ? descriptor.digest : descriptor.digest.slice(7, 19)),
      Created: ({ artifact }) => humanAge(artifact.changed, now),
      CreatedAt: ({ artifact }) => goDate(artifact.changed),
      Size: ({ artifact }) => humanSize(artifact.sizeBytes),
      VirtualSize: ({ artifact }) => humanSize(artifact.sizeBytes),
    },
    quiet: ({ artifact }) => artifact.descriptor.digest,
    records: (rows) => [...new Set(rows.map(({ artifact }) => artifact))].map(artifactDocument),
  }
}

/** An artifact in podman's `artifact inspect`. */
export function artifactDocument({ descriptor, names, manifest, sizeBytes }: StoredArtifact): object {
  return { Name: names[0] ?? '', Names: names, Digest: descriptor.digest, TotalSizeBytes: sizeBytes, Manifest: manifest }
}

function splitName(name: string | undefined): readonly [string, string] {
  if (name === undefined) return ['<none>', '<none>']
  const at = name.lastIndexOf(':')
  return at > name.lastIndexOf('/') ? [name.slice(0, at), name.slice(at + 1)] : [name, '<none>']
}
