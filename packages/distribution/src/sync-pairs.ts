import type { ImageName, ListedImage } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { normalizeReference, type Reference } from '@podwright/oci'
import { DistributionError } from './errors.ts'
import { formatImageName, parseBuiltIn, parseImageName, type RegistryImageName } from './image-names.ts'
import type { ImageTransports } from './image-transports.ts'
import type { SyncPair } from './sync-images.ts'

/** Options of `syncPairs`. */
export interface SyncPairsOptions extends AbortOptions {
  /** Which tags of a repository. @default all of them */
  readonly tags?: readonly string[] | RegExp | undefined
  /** Keeps the source's whole name at the destination, registry and path, so that two repositories with the same last word stay two. @default false */
  readonly scoped?: boolean | undefined
}

/**
 * What `skopeo sync` would copy: an image, all tags of a repository (a name without tag), or everything in a directory that a sync has filled.
 *
 * @param source `docker://registry/repository[:tag]`, or `dir:path` with directories of `dir:` below
 * @param destination `docker://registry[/prefix]`, which gets `prefix/name:tag`; or `dir:path`, which gets `path/name:tag`
 * @throws DistributionError `ERR_TRANSPORT_UNSUPPORTED` for other transports; what listing throws
 */
export async function* syncPairs(
  transports: ImageTransports,
  source: string,
  destination: string,
  options: SyncPairsOptions = {},
): AsyncGenerator<SyncPair> {
  const place = placeAt(destination, options.scoped ?? false)
  const from = parseImageName(source)
  if (from.transport === 'docker') {
    for await (const { image, reference } of taggedImages(transports, from, options)) yield { source: image, destination: place(reference) }
  } else if (from.transport === 'dir') {
    for await (const path of imageDirectories(from.path, options)) {
      const name = path.slice(from.path.length).replaceAll('\\', '/').replace(/^\/+/, '')
      yield { source: parseBuiltIn('dir', path), destination: place(directoryReference(name, from.path)) }
    }
  } else throw cannotSync(formatImageName(from))
}

async function* taggedImages(
  transports: ImageTransports,
  from: RegistryImageName,
  { tags, signal }: SyncPairsOptions,
): AsyncGenerator<{ readonly image: ImageName; readonly reference: Reference }> {
  if (from.isTagged) return yield { image: from, reference: from.reference }
  const { registry, repository } = from.reference
  for await (const { image, name } of transports.list(from, { signal }) as AsyncIterable<ListedImage & { readonly name: string }>) {
    const isWanted = tags === undefined || (tags instanceof RegExp ? tags.test(name) : tags.includes(name))
    if (isWanted) yield { image, reference: { registry, repository, tag: name } }
  }
}

/** Directories below that have a manifest.json. One isn't looked into for more. */
async function* imageDirectories(path: string, { signal }: AbortOptions): AsyncGenerator<string> {
  const { readdir } = await import('node:fs/promises')
  const { join } = await import('node:path')
  signal?.throwIfAborted()
  const entries = (await readdir(path, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  if (entries.some(({ name }) => name === 'manifest.json')) yield path
  else for (const entry of entries) if (entry.isDirectory()) yield* imageDirectories(join(path, entry.name), { signal })
}

/** A directory's name is the image's, as a sync to a directory writes it. */
function directoryReference(name: string, root: string): Reference {
  const typed =
    name === ''
      ? (root
          .replace(/[\\/]+$/, '')
          .split(/[\\/]/)
          .at(-1) ?? '')
      : name
  return normalizeReference(typed)
}

/** Where at the destination an image goes. */
function placeAt(destination: string, scoped: boolean): (reference: Reference) => ImageName {
  const registry = /^docker:\/\/([^/]+)\/?$/.exec(destination)?.[1]
  const [transport, prefix] = registry === undefined ? prefixOf(destination) : (['docker', `//${registry}`] as const)
  return (reference) => {
    const { tag, digest } = reference
    const name = scoped ? `${reference.registry}/${reference.repository}` : (reference.repository.split('/').at(-1) ?? '')
    const suffix = tag === undefined ? (digest === undefined ? '' : `@${digest}`) : `:${tag}`
    return parseBuiltIn(transport, `${prefix}/${name}${suffix}`)
  }
}

function prefixOf(destination: string): readonly ['docker' | 'dir', string] {
  const to = parseImageName(destination)
  if (to.transport === 'dir') return ['dir', to.path.replace(/\/+$/, '')]
  if (to.transport === 'docker' && !to.isTagged) return ['docker', `//${to.reference.registry}/${to.reference.repository}`]
  throw cannotSync(destination)
}

function cannotSync(name: string): DistributionError {
  return new DistributionError(
    'ERR_TRANSPORT_UNSUPPORTED',
    `cannot sync ${name}: only docker://, without a tag where it is written to, and dir: can be synced`,
    {
      hint: 'Hand other images to syncImages one by one.',
    },
  )
}
