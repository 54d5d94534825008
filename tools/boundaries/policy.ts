/** What the house allows. */
export interface BoundaryPolicy {
  /** From the lowest to the highest; a package may import from the layers below its own. */
  readonly layers: readonly Layer[]
  /** The third-party packages that each room may ship with, by npm name; a room without an entry may have none. */
  readonly thirdParty: Readonly<Record<string, readonly string[]>>
}

/** A layer, named by the tag `layer:NAME`. */
export interface Layer {
  readonly name: string
  /** Rooms of this layer that may import each other, each only those before it. @default none */
  readonly order?: readonly string[]
  /** The layers below that may be imported. @default all of them */
  readonly below?: readonly string[]
  /** For what is built with its development dependencies inside: those ship, too. @default false */
  readonly isBundled?: boolean
  /** For what is never published: what it imports from outside need only be declared, by itself or by the workspace. @default false */
  readonly isInternal?: boolean
}

/** The house of docs/ARCHITECTURE.md. */
export const housePolicy: BoundaryPolicy = {
  layers: [
    { name: 'base', order: ['@podwright/conventions', '@podwright/oci', '@podwright/contracts'] },
    { name: 'primitive' },
    { name: 'testing', below: ['base', 'primitive'] },
    { name: 'block', below: ['base', 'primitive'] },
    { name: 'engine', below: ['base', 'primitive', 'block'] },
    { name: 'dialect', below: ['base', 'primitive', 'block', 'engine'] },
    { name: 'app', below: ['base', 'primitive', 'block', 'engine', 'dialect'], isBundled: true },
    { name: 'workspace', order: ['@podwright/e2e', '@podwright/tools'], isInternal: true },
  ],
  thirdParty: {
    '@podwright/oci': ['@noble/hashes', 'zod'],
    '@podwright/cdi': ['yaml', 'zod'],
    '@podwright/linux': ['koffi'],
    '@podwright/distribution': ['node-fetch', 'smol-toml', 'zod'],
    '@podwright/conformance': ['vitest'],
    podwright: ['fast-string-width', 'koffi'],
  },
}
