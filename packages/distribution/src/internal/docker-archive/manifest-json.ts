import { type AbortOptions } from '@podwright/conventions'
import * as z from 'zod/mini'
import { type FileTree, readWhole } from '../files/file-tree.ts'
import { readJson } from '../read-json.ts'
import { invalidArchive } from '../tar/archive-error.ts'

/** An image of a docker archive, as its manifest.json has it. */
export interface ManifestItem {
  /** Member of the config. */
  readonly config: string
  readonly tags: readonly string[]
  /** Members of the layers, lowest first. */
  readonly layers: readonly string[]
}

/** Of manifest.json, and of a config. */
export const documentMaximumBytes: number = 4 * 1024 * 1024

/** The list of images. @throws DistributionError `ERR_IMAGE_ARCHIVE_INVALID`, also when there is none */
export async function readManifestJson(tree: FileTree, options: AbortOptions): Promise<ManifestItem[]> {
  const bytes = await readMember(tree, 'manifest.json', options)
  if (bytes === undefined) throw invalidArchive(tree.place, 'it has neither a manifest.json, as docker save writes it, nor an index.json')
  const strings = z.optional(z.nullable(z.array(z.string())))
  const schema = z.array(z.object({ Config: z.string(), RepoTags: strings, Layers: strings }))
  const items = readJson(schema, bytes)
  if (items === undefined) throw invalidArchive(tree.place, 'its manifest.json is not a list of images')
  return items.map(({ Config, RepoTags, Layers }) => ({ config: Config, tags: RepoTags ?? [], layers: Layers ?? [] }))
}

/** A small member. @returns undefined when it isn't there */
export async function readMember(tree: FileTree, name: string, options: AbortOptions): Promise<Uint8Array | undefined> {
  const tooLarge = (size: number): Error => invalidArchive(tree.place, `its ${name} has ${size} bytes, more than ${documentMaximumBytes}`)
  return readWhole(tree, name, documentMaximumBytes, tooLarge, options)
}
