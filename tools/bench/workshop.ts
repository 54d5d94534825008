import { execFileSync } from 'node:child_process'
import { busyboxImage } from '@podwright/e2e/busybox'
import { pushImage, type Registry, startRegistry } from '@podwright/e2e/registry'
import type { Contender } from './contender.ts'
import { type ArchiveFormat, imageArchive, imagesArchive } from './images/archives.ts'
import { imageLayout } from './images/layout.ts'
import type { ImageName } from './images/recipes.ts'

/** What cases work with: a registry with images, archives, and registries to push to. */
export interface Workshop extends AsyncDisposable {
  /** What an image is called at the registry. */
  image(name: ImageName): string
  /** Has the registry have an image. */
  stock(name: ImageName): Promise<void>
  /** Path of an image in a file, which was stocked before. */
  archive(name: ImageName, format: ArchiveFormat): string
  /** Path of a docker-archive with the images from one number to another. */
  imagesArchive(from: number, to: number): string
  /** Gives a contender an empty registry to push to, in the place of the one that it had. */
  freshRegistry(contender: Contender): Promise<void>
  /** `HOST:PORT` of that registry. */
  registryOf(contender: Contender): string
}

/** Opens a workshop. `directory` is for what is not kept, and readable by all. */
export async function openWorkshop(directory: string): Promise<Workshop> {
  const source = await startRegistry()
  const stocked = new Set<ImageName>()
  const archives = new Map<string, string>()
  const targets = new Map<string, Registry>()
  return {
    image: (name) => `${source.address}/${name}:1`,
    async stock(name) {
      if (stocked.has(name)) return
      stocked.add(name)
      if (name === 'busybox') return pushImage(source.address, name, '1', busyboxImage())
      const layout = await imageLayout(name)
      const target = `docker://${source.address}/${name}:1`
      execFileSync('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:1`, target], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      if (name !== 'debian') return
      for (const format of ['docker-archive', 'oci-archive'] as const) archives.set(name + format, await imageArchive(name, format))
    },
    archive: (name, format) => archives.get(name + format)!,
    imagesArchive: (from, to) => imagesArchive(directory, from, to),
    async freshRegistry({ name }) {
      await targets.get(name)?.[Symbol.asyncDispose]()
      targets.set(name, await startRegistry())
    },
    registryOf: ({ name }) => targets.get(name)!.address,
    async [Symbol.asyncDispose]() {
      for (const registry of [source, ...targets.values()]) await registry[Symbol.asyncDispose]()
    },
  }
}
