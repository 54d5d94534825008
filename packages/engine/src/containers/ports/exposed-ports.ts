import type { PortProtocol, PortRange } from '@podwright/contracts'
import type { ImageConfig } from '@podwright/oci'

/** The ports that an image exposes (image-spec config.md, ExposedPorts): `80`, `53/udp`. What is no port is left out, as nothing could be done with it. */
export function exposedByImage(image: ImageConfig): PortRange[] {
  return Object.keys(image.config?.ExposedPorts ?? {}).flatMap((text) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text)
    if (match === null) return []
    const containerPort = Number(match[1])
    const count = Number(match[2] ?? match[1]) - containerPort + 1
    const protocol = (match[3] ?? 'tcp').toLowerCase() as PortProtocol
    const isPort = containerPort >= 1 && count >= 1 && containerPort + count - 1 <= 65_535
    return isPort ? [{ containerPort, ...(count > 1 && { count }), protocol }] : []
  })
}
