import type { ArtifactFileChoice, ExtractedFile } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type ArtifactBlob, extractArtifact, readArtifact } from '@podwright/distribution'
import { mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { requireArtifact } from './find-artifact.ts'

type ExtractOptions = AbortOptions & ArtifactFileChoice

/** Writes an artifact's files below a directory that is there; or the one file under a name that isn't. */
export async function extractFiles(parts: EngineParts, typed: string, target: string, options: ExtractOptions): Promise<ExtractedFile[]> {
  const storage = await parts.storage()
  const { reference } = await requireArtifact(storage, typed)
  await using source = await storage.source(reference)
  const chosen = choose((await readArtifact(source, options)).blobs, options, typed)
  const only = chosen.map(({ title, descriptor }) => title ?? descriptor.digest)
  const path = resolve(target)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return described(await extractArtifact(source, path, { signal: options.signal, only }), chosen)
  if (chosen.length > 1) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot extract ${chosen.length} files to ${target}: that is not a directory`, {
      hint: `Make it first (mkdir ${target}), or choose one file with --title or --digest.`,
    })
  }
  const scratch = await mkdtemp(join(dirname(path), '.extract-'))
  try {
    const [file] = await extractArtifact(source, scratch, { signal: options.signal, only })
    if (file !== undefined) await rename(file.path, path)
    return described(file === undefined ? [] : [{ ...file, path }], chosen)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The bytes of the one file that is chosen, verified before the last of them. */
export async function* readFile(parts: EngineParts, typed: string, options: ExtractOptions): AsyncGenerator<Uint8Array> {
  const storage = await parts.storage()
  const { reference } = await requireArtifact(storage, typed)
  await using source = await storage.source(reference)
  const chosen = choose((await readArtifact(source, options)).blobs, options, typed)
  const [blob] = chosen
  if (blob === undefined || chosen.length > 1) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot read ${typed}: it has ${chosen.length} files, and one is wanted`, {
      hint: 'Choose it with --title or --digest.',
    })
  }
  yield* (await blob.open(0, { signal: options.signal })).chunks
}

function choose(blobs: readonly ArtifactBlob[], { title, digest }: ArtifactFileChoice, typed: string): readonly ArtifactBlob[] {
  if (title === undefined && digest === undefined) return blobs
  const found = blobs.filter(
    (blob) => (title === undefined || blob.title === title) && (digest === undefined || blob.descriptor.digest === digest),
  )
  if (found.length > 0) return found
  throw new EngineError('ERR_ARTIFACT_NOT_FOUND', `the artifact ${typed} has no file ${JSON.stringify(title ?? digest)}`, {
    hint: `It has ${blobs.map((blob) => blob.title ?? blob.descriptor.digest).join(', ')}.`,
  })
}

function described(files: Awaited<ReturnType<typeof extractArtifact>>, chosen: readonly ArtifactBlob[]): ExtractedFile[] {
  return files.map(({ path, descriptor }) => ({
    path,
    title: chosen.find((blob) => blob.descriptor.digest === descriptor.digest)?.title,
    digest: descriptor.digest,
    sizeBytes: descriptor.size,
  }))
}
