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
 * A docker-archive with the images from one number to another, `localhost/listed:NUMBER`: each has a config of its own, and all have one small layer.
 *
 * @returns its path, in `directory`
 */
export function imagesArchive(directory: string, from: number, to: number): string {
  const path = join(directory, `images-${from}-${to}.tar`)
  if (existsSync(path)) return path
  const layer = createTarWriter().add({ name: 'hello' }, 'Hello from a layer\n').finish()
  const tar = createTarWriter().add({ name: 'layer.tar' }, layer)
  const manifest = Array.from({ length: to - from }, (_, index) => {
    const number = from + index
    const config = { Cmd: ['true'], Labels: { number: String(number) } }
    const rootfs = { type: 'layers', diff_ids: [blobOf(layer).digest] }
    const { digest, bytes } = blobOf(JSON.stringify({ architecture: ownArchitecture, os: 'linux', config, rootfs }))
    const name = `${digest.replace('sha256:', '')}.json`
    tar.add({ name }, bytes)
    return { Config: name, RepoTags: [`localhost/listed:${number}`], Layers: ['layer.tar'] }
  })
  tar.add({ name: 'manifest.json' }, JSON.stringify(manifest))
  writeFileSync(path, tar.finish())
  return path
}
