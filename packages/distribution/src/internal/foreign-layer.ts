import { type Descriptor, isForeignLayerMediaType } from '@podwright/oci'

/** Whether it is a layer that may not be handed on, but lies at its URLs for everybody. */
export function liesElsewhere({ mediaType, urls = [] }: Descriptor): boolean {
  return isForeignLayerMediaType(mediaType) && urls.length > 0
}
