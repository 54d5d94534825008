import type { DistantImage } from '@podwright/contracts'

/** An image at a place as `skopeo inspect` prints it: its keys, in its order. */
export function distantDocument({ repository, top, layers, config, tags }: DistantImage): object {
  return {
    ...(repository !== undefined && { Name: repository }),
    Digest: top.digest,
    RepoTags: tags ?? [],
    Created: config?.created ?? '0001-01-01T00:00:00Z',
    DockerVersion: '',
    Labels: config?.config?.Labels ?? null,
    Architecture: config?.architecture ?? '',
    ...(config?.variant !== undefined && { Variant: config.variant }),
    Os: config?.os ?? '',
    Layers: layers.map(({ digest }) => digest),
    LayersData: layers.map(({ mediaType, digest, size, annotations }) => ({
      MIMEType: mediaType,
      Digest: digest,
      Size: size,
      Annotations: annotations ?? null,
    })),
    Env: config?.config?.Env ?? null,
  }
}
