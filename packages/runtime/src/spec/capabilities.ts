/** All that Linux has, in the order of their numbers (capabilities(7)). */
export const capabilityNames: readonly string[] = []

/** What a container has by default, as with Podman. */
export const defaultCapabilities: readonly string[] = []
