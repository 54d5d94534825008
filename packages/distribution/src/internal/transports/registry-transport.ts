import type { ImageName, ImageTransport, ListedImage } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Digest, formatReference, type Reference } from '@podwright/oci'
import { type Endpoint, endpointsOf } from '../../endpoints.ts'
import { parseBuiltIn, type RegistryImageName } from '../../image-names.ts'
import { createRegistryDestination, type RegistryDestinationOptions } from '../../registry-destination.ts'
import { createRegistrySource, type RegistryTransportComponents } from '../../registry-source.ts'

/** `docker:`, over a client that stays open. */
export function registryTransport(
  components: RegistryTransportComponents,
  options: Pick<RegistryDestinationOptions, 'config' | 'tlsVerify'>,
): ImageTransport<RegistryImageName> {
  const { client } = components
  const endpointOf = ({ reference }: RegistryImageName): Endpoint =>
    endpointsOf(reference, options.config, { purpose: 'push', tlsVerify: options.tlsVerify })[0]!

  async function* list(name: RegistryImageName, { signal }: AbortOptions = {}): AsyncGenerator<ListedImage> {
    const { registry, repository } = name.reference
    for await (const tag of client.listTags(endpointOf(name), { signal })) {
      const reference = { registry, repository, tag }
      const image: RegistryImageName = { transport: 'docker', text: `//${formatReference(reference)}`, reference, isTagged: true }
      yield { image, name: tag }
    }
  }

  return {
    name: 'docker',
    parse: (text) => parseBuiltIn('docker', text),
    openSource: async ({ reference }) => createRegistrySource(components, reference, options),
    openDestination: async ({ reference }, { source } = {}) =>
      createRegistryDestination(components, reference, { ...options, mountFrom: repositoriesBeside(reference, source) }),
    list,
    // By its digest, so that registries which can't delete tags can do it; all its tags go with it.
    delete: async (name, { signal } = {}) => {
      const endpoint = endpointOf(name)
      const { digest, tag = 'latest' } = name.reference
      const digestOf = async (): Promise<Digest> => {
        const found =
          (await client.headManifest(endpoint, tag, { signal })) ?? (await client.getManifest(endpoint, tag, { signal })).descriptor
        return found.digest
      }
      await client.deleteManifest(endpoint, digest ?? (await digestOf()), { signal })
    },
  }
}

/** Where an image comes from, when that is another repository of the same registry. */
function repositoriesBeside({ registry, repository }: Reference, source: ImageName | undefined): readonly string[] {
  const { reference } = (source?.transport === 'docker' ? source : {}) as Partial<RegistryImageName>
  return reference !== undefined && reference.registry === registry && reference.repository !== repository ? [reference.repository] : []
}
