import { createTarWriter } from '@podwright/archive'
import { execFileSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blobOf, ownArchitecture } from '@podwright/e2e/image'
import { cacheDirectory } from './content.ts'
import { imageLayout } from './layout.ts'
import type { MadeImageName } from './recipes.ts'

/** How an image can lie in one file. */
export type ArchiveFormat = 'docker-archive' | 'oci-archive'

/** The name that images have in the archives. */
export const archivedName = 'localhost/loaded:1'

/**
 * An image as a file, written by skopeo: the layers of docker's are not compressed, those of OCI's are. Made the first time, and kept.
 *
 * @returns its path
 */
export async function imageArchive(name: MadeImageName, format: ArchiveFormat): Promise<string> {
  const path = join(cacheDirectory(), `${name}.${format}.tar`)
  if (existsSync(path)) return path
  const layout = await imageLayout(name)
  rmSync(`${path}.new`, { force: true })
  execFileSync('skopeo', ['copy', '--quiet', `oci:${layout}:1`, `${format}:${path}.new:${archivedName}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  renameSync(`${path}.new`, path)
  return path
}

/**
 * A docker-archive with the images from one number to another, `localhost/listed:NUMBER`, each with a config and a small layer of its own: podman compares all images
 * that have the same topmost layer with each other, which takes minutes with a thousand of them.
 *
 * @returns its path, in `directory`
 */
export function imagesArchive(directory: string, from: number, to: number): string {
  const path = join(directory, `images-${from}-${to}.tar`)
  if (existsSync(path)) return path
  const tar = createTarWriter()
  const manifest = Array.from({ length: to - from }, (_, index) => {
    const number = from + index
    const layer = createTarWriter().add({ name: 'number' }, `${number}\n`).finish()
    const config = { Cmd: ['true'], Labels: { number: String(number) } }
    const rootfs = { type: 'layers', diff_ids: [blobOf(layer).digest] }
    const { digest, bytes } = blobOf(JSON.stringify({ architecture: ownArchitecture, os: 'linux', config, rootfs }))
    const names = { config: `${digest.replace('sha256:', '')}.json`, layer: `${number}/layer.tar` }
    tar.add({ name: names.layer }, layer).add({ name: names.config }, bytes)
    return { Config: names.config, RepoTags: [`localhost/listed:${number}`], Layers: [names.layer] }
  })
  tar.add({ name: 'manifest.json' }, JSON.stringify(manifest))
  writeFileSync(path, tar.finish())
  return path
}
