import type { ImageSource, Storage } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { createRegistrySource } from '@podwright/distribution'
import { parseReference } from '@podwright/oci'
import type { RegistryAccess } from '../registries/registry-access.ts'

/** Reads a list that is here: what its members need and isn't here is read where they came from. */
export async function openListSource(
  storage: Storage,
  access: RegistryAccess,
  name: string,
  tlsVerify: boolean | undefined,
): Promise<ImageSource> {
  const source = await storage.source(name)
  return {
    reference: source.reference,
    manifest: (digest, options) => source.manifest(digest, options),
    openBlob: async (descriptor, options) => {
      const opened = await source.openBlob(descriptor, options).catch(async (error: unknown) => {
        if (!isPodwrightError(error, 'ERR_BLOB_NOT_FOUND')) throw error
        const [repository] = await storage.blobLocations(descriptor.digest)
        if (repository === undefined) throw error
        const { registry, repository: path } = parseReference(repository)
        const distant = createRegistrySource(
          access,
          { registry, repository: path, digest: descriptor.digest },
          { config: access.config, tlsVerify },
        )
        return distant.openBlob(descriptor, options)
      })
      return opened
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}
