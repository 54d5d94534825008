import type { Descriptor, Digest } from '@podwright/oci'
import { createReadStream, rmSync, statSync } from 'node:fs'
import { digesterFor } from '../blobs.ts'
import { change, row, rows } from '../store.ts'
import type { ManifestParts } from './image-parts.ts'
import { type Check, type Problem, tell } from './problem.ts'

/** Blobs that images, artifacts and lists need: whether they are there, and what they should be. */
export async function* checkBlobs(check: Check): AsyncGenerator<Problem> {
  const seen = new Map<Digest, boolean>()
  for (const manifest of check.parts.manifests) {
    for (const blob of neededBlobs(manifest)) {
      if (seen.has(blob.digest)) continue
      seen.set(blob.digest, true)
      const problem = await blobProblem(check, manifest, blob)
      if (problem !== undefined) yield problem
    }
  }
}

/** What was never fetched is not missing: members of an index, and what is below the members of a list. */
function neededBlobs({ descriptor, kind, references = [], images }: ManifestParts): Descriptor[] {
  const complete = kind === 'artifact' || (kind === 'manifest' && images.length > 0)
  return [descriptor, ...(complete ? references : [])]
}

async function blobProblem(check: Check, manifest: ManifestParts, blob: Descriptor): Promise<Problem | undefined> {
  const { store } = check
  const shelf = [store, ...store.additional].find(({ paths }) => statSync(paths.blob(blob.digest), { throwIfNoEntry: false }) !== undefined)
  const about = { subject: blob.digest, images: imagesWith(check, blob.digest), pull: manifest.pull }
  if (shelf === undefined) {
    const action = manifest.pull.length > 0 ? 'Pull it again.' : 'It can be loaded again from where it came from.'
    return { kind: 'blob-missing', ...about, reason: 'the blob is not there', action }
  }
  const path = shelf.paths.blob(blob.digest)
  tell(check, 'check:blob', blob.digest)
  const reason = await wrongBytes(check, path, blob)
  if (reason === undefined) return undefined
  const clear = shelf === store ? (): Promise<void> => Promise.resolve(rmSync(path, { force: true })) : undefined
  return { kind: 'blob-corrupt', ...about, reason, action: 'It is deleted, so that the next pull fetches it again.', clear }
}

async function wrongBytes({ options }: Check, path: string, { digest, size }: Descriptor): Promise<string | undefined> {
  const actual = statSync(path).size
  if (actual !== size) return `the blob has ${actual} bytes instead of ${size}`
  if (options.full !== true) return undefined
  const digester = await digesterFor(digest)
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal: options.signal })) digester.update(chunk as Buffer)
  return digester.digest() === digest ? undefined : 'its bytes have another digest'
}

function imagesWith({ parts }: Check, digest: Digest): Digest[] {
  const users = parts.manifests.filter(
    ({ descriptor, references = [] }) => descriptor.digest === digest || references.some((reference) => reference.digest === digest),
  )
  return [...new Set(users.flatMap(({ images }) => images))]
}

/** Manifests whose rows do not say what their documents say. */
export function* checkManifestRows({ store, parts }: Check): Generator<Problem> {
  for (const { descriptor, references, images } of parts.manifests) {
    if (references === undefined) continue
    const recorded = rows(store.database, 'SELECT digest, role FROM manifest_references WHERE manifest = ?', descriptor.digest)
    const wanted = new Set(references.map(({ digest, role }) => `${role} ${digest}`))
    const same = recorded.length === wanted.size && recorded.every(({ digest, role }) => wanted.has(`${String(role)} ${String(digest)}`))
    if (same) continue
    const mend = (): Promise<unknown> =>
      store.database.transaction(() => {
        if (row(store.database, 'SELECT 1 FROM manifests WHERE digest = ?', descriptor.digest) === undefined) return
        change(store.database, 'DELETE FROM manifest_references WHERE manifest = ?', descriptor.digest)
        for (const { digest, role } of references) {
          change(store.database, 'INSERT OR IGNORE INTO manifest_references VALUES (?, ?, ?)', descriptor.digest, digest, role)
        }
      })
    const reason = 'what is recorded of the manifest is not what its document says'
    yield { kind: 'manifest-rows', subject: descriptor.digest, reason, images, action: 'The rows are written again.', mend }
  }
}
