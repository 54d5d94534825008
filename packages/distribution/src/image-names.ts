import type { ImageName } from '@podwright/contracts'
import { isPodwrightError, messageOf } from '@podwright/conventions'
import { type Digest, formatReference, isDigest, normalizeReference, type Reference } from '@podwright/oci'
import { DistributionError } from './errors.ts'
import { splitPath } from './internal/transports/split-path.ts'

/** `docker://registry/repository:tag`: at a registry. */
export interface RegistryImageName extends ImageName {
  readonly transport: 'docker'
  readonly reference: Reference
  /** Whether a tag or digest was typed, so that the name means one image; else the tag is `latest`. */
  readonly isTagged: boolean
}

/** Which image of a layout: by its name, its digest, or its place in index.json. */
export interface LayoutImageChoice {
  readonly path: string
  readonly name?: string | undefined
  readonly digest?: Digest | undefined
  /** From 0. */
  readonly index?: number | undefined
}

/** `oci:path:name`, `oci:path:@sha256:…`, `oci:path:@0`: in an OCI image layout. */
export interface LayoutImageName extends ImageName, LayoutImageChoice {
  readonly transport: 'oci'
}

/** `oci-archive:path:name`, as `oci:`: in a tar of an OCI image layout. */
export interface OciArchiveImageName extends ImageName, LayoutImageChoice {
  readonly transport: 'oci-archive'
}

/** `docker-archive:path:repository:tag`, `docker-archive:path:@0`: in what `docker save` writes. */
export interface DockerArchiveImageName extends ImageName {
  readonly transport: 'docker-archive'
  readonly path: string
  readonly reference?: Reference | undefined
  /** From 0. */
  readonly index?: number | undefined
}

/** `dir:path`: in a directory, as skopeo lays it out. */
export interface DirectoryImageName extends ImageName {
  readonly transport: 'dir'
  readonly path: string
}

/** A name in the words of a transport of this package. */
export type BuiltInImageName = RegistryImageName | LayoutImageName | OciArchiveImageName | DockerArchiveImageName | DirectoryImageName

/** Names of the transports of this package. */
export type BuiltInTransportName = BuiltInImageName['transport']

type NamedLike<Name extends BuiltInTransportName> = Extract<BuiltInImageName, { readonly transport: Name }>

const parsers: { readonly [Name in BuiltInTransportName]: (text: string) => NamedLike<Name> } = {
  docker: registryName,
  oci: (text) => ({ transport: 'oci', text, ...layoutChoice('oci', text) }),
  'oci-archive': (text) => ({ transport: 'oci-archive', text, ...layoutChoice('oci-archive', text) }),
  'docker-archive': dockerArchiveName,
  dir: (text) => ({ transport: 'dir', text, path: required('dir', text, text) }),
}

/** What is refused by name, and what serves instead. */
const unsupported: Readonly<Record<string, string>> = {
  'docker-daemon': 'Write the image with docker save and read it as docker-archive:, or go by a registry.',
}

/**
 * Reads the name of an image with its transport: `docker://debian:12`, `oci:/tmp/layout:app`, `docker-archive:app.tar`. Nothing is asked and no file is looked at.
 *
 * @throws DistributionError `ERR_IMAGE_NAME_INVALID`, `ERR_TRANSPORT_UNKNOWN`, `ERR_TRANSPORT_UNSUPPORTED`
 */
export function parseImageName(text: string): BuiltInImageName {
  const [transport, rest] = splitTransport(text)
  if (!isBuiltIn(transport)) throw transportUnknown(text, Object.keys(parsers))
  return parseBuiltIn(transport, rest)
}

/** As `parseImageName`, of what stands behind the colon. */
export function parseBuiltIn<Name extends BuiltInTransportName>(transport: Name, text: string): NamedLike<Name> {
  return parsers[transport](text)
}

/** `transport:text`; `parseImageName` and `ImageTransports.parse` read it back. */
export function formatImageName({ transport, text }: ImageName): string {
  return `${transport}:${text}`
}

/** @returns the transport, '' without one, and what stands behind its colon */
export function splitTransport(text: string): readonly [transport: string, rest: string] {
  const colon = text.indexOf(':')
  const transport = text.slice(0, Math.max(colon, 0))
  return /^[a-z][a-z0-9-]*$/.test(transport) ? [transport, text.slice(colon + 1)] : ['', text]
}

/** @param known names of the transports that there are */
export function transportUnknown(text: string, known: readonly string[]): DistributionError {
  const [transport] = splitTransport(text)
  const instead = Object.hasOwn(unsupported, transport) ? unsupported[transport] : undefined
  if (instead !== undefined) {
    return new DistributionError('ERR_TRANSPORT_UNSUPPORTED', `cannot use ${quote(text)}: ${transport}: is not supported`, {
      hint: instead,
      details: { transport },
    })
  }
  const reason = transport === '' ? 'it names no transport' : `there is no transport ${transport}:`
  return new DistributionError('ERR_TRANSPORT_UNKNOWN', `cannot use ${quote(text)}: ${reason}`, {
    hint: `Known are ${known.map((name) => (name === 'docker' ? 'docker://' : `${name}:`)).join(', ')}.`,
    details: { transport, known },
  })
}

function isBuiltIn(transport: string): transport is BuiltInTransportName {
  return Object.hasOwn(parsers, transport)
}

function registryName(text: string): RegistryImageName {
  if (!text.startsWith('//')) throw nameInvalid('docker', text, 'two slashes belong behind the colon')
  const reference = reading('docker', text, text.slice(2))
  const isTagged = reference.digest !== undefined || /:[^/]*$/.test(text.slice(2))
  const { registry, repository } = reference
  return { transport: 'docker', text: `//${formatReference(isTagged ? reference : { registry, repository })}`, reference, isTagged }
}

function dockerArchiveName(text: string): DockerArchiveImageName {
  const [path, image] = splitPath(text)
  required('docker-archive', text, path)
  const choice = image === undefined ? {} : image.startsWith('@') ? indexOf('docker-archive', text, image) : archived(text, image)
  return { transport: 'docker-archive', text, path, ...choice }
}

function archived(text: string, image: string): { readonly reference: Reference } {
  const reference = reading('docker-archive', text, image)
  if (reference.digest === undefined) return { reference }
  throw nameInvalid('docker-archive', text, 'images of this format have no digests to be named by')
}

function layoutChoice(transport: string, text: string): LayoutImageChoice {
  const [path, image] = splitPath(text)
  required(transport, text, path)
  if (image === undefined) return { path }
  if (!image.startsWith('@')) return { path, name: required(transport, text, image) }
  const digest = image.slice(1)
  return isDigest(digest) ? { path, digest } : { path, ...indexOf(transport, text, image) }
}

function indexOf(transport: string, text: string, image: string): { readonly index: number } {
  if (/^@\d{1,9}$/.test(image)) return { index: Number(image.slice(1)) }
  throw nameInvalid(transport, text, `${image} is neither a number, which counts from 0, nor a digest`)
}

function reading(transport: string, text: string, typed: string): Reference {
  try {
    return normalizeReference(typed)
  } catch (error) {
    if (!isPodwrightError(error)) throw error
    throw nameInvalid(transport, text, messageOf(error), error)
  }
}

function required(transport: string, text: string, part: string): string {
  if (part === '' || part.includes('\0')) throw nameInvalid(transport, text, 'a part of it is empty')
  return part
}

function nameInvalid(transport: string, text: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_IMAGE_NAME_INVALID', `cannot use ${quote(`${transport}:${text}`)}: ${reason}`, { cause })
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
