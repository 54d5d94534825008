import type { ImageDetails } from '@podwright/contracts'

/** An image as `inspect` prints it: docker's keys and podman's. */
export function imageDocument({ image, config }: ImageDetails): object {
  const { id, names, digests, manifests, sizeBytes, labels, platform } = image
  const history = config.history ?? []
  return {
    Id: id,
    Digest: manifests[0]?.digest ?? '',
    RepoTags: names,
    RepoDigests: digests,
    Parent: '',
    Comment: history.at(-1)?.comment ?? '',
    Created: config.created ?? image.created?.toISOString(),
    Config: config.config ?? {},
    Version: '',
    Author: config.author ?? '',
    Architecture: platform.architecture,
    ...(platform.variant !== undefined && { Variant: platform.variant }),
    Os: platform.os,
    Size: sizeBytes,
    VirtualSize: sizeBytes,
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Labels: labels,
    Annotations: {},
    ManifestType: manifests[0]?.mediaType ?? '',
    User: config.config?.User ?? '',
    History: history,
    NamesHistory: names,
  }
}
