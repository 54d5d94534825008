import type { ImageTransport } from '@podwright/contracts'
import { openArchiveDestination } from '../../archive-destination.ts'
import { openArchiveSource } from '../../archive-source.ts'
import { createDirectoryDestination } from '../../directory-destination.ts'
import { createDirectorySource } from '../../directory-source.ts'
import { DistributionError } from '../../errors.ts'
import { openImageArchive } from '../../image-archive.ts'
import {
  type DirectoryImageName,
  type DockerArchiveImageName,
  formatImageName,
  type LayoutImageName,
  type OciArchiveImageName,
  parseBuiltIn,
} from '../../image-names.ts'
import { createLayoutDestination } from '../../layout-destination.ts'
import { deleteLayoutImage, listLayoutImages } from '../../layout-images.ts'
import { createLayoutSource } from '../../layout-source.ts'

/** What the transports of archives are told. */
export interface FileTransportOptions {
  readonly temporaryDirectory?: string | undefined
}

export function layoutTransport(): ImageTransport<LayoutImageName> {
  return {
    name: 'oci',
    parse: (text) => parseBuiltIn('oci', text),
    openSource: async (name) => createLayoutSource(name.path, name),
    openDestination: async (name) => {
      if (name.digest === undefined && name.index === undefined) return createLayoutDestination(name.path, { name: name.name })
      throw new DistributionError(
        'ERR_TRANSPORT_UNSUPPORTED',
        `cannot write to ${formatImageName(name)}: only a name can be given to an image`,
      )
    },
    async *list({ path }) {
      yield* await listLayoutImages(path)
    },
    delete: async (name, options) => void (await deleteLayoutImage(name, options)),
  }
}

export function ociArchiveTransport(settings: FileTransportOptions): ImageTransport<OciArchiveImageName> {
  return {
    name: 'oci-archive',
    parse: (text) => parseBuiltIn('oci-archive', text),
    ...archiveTransport<OciArchiveImageName>('oci-archive', settings),
  }
}

export function dockerArchiveTransport(settings: FileTransportOptions): ImageTransport<DockerArchiveImageName> {
  return {
    name: 'docker-archive',
    parse: (text) => parseBuiltIn('docker-archive', text),
    ...archiveTransport<DockerArchiveImageName>('docker-archive', settings),
  }
}

function archiveTransport<Name extends OciArchiveImageName | DockerArchiveImageName>(
  format: 'oci-archive' | 'docker-archive',
  settings: FileTransportOptions,
): Required<Pick<ImageTransport<Name>, 'openSource' | 'openDestination' | 'list'>> {
  return {
    openSource: (name, options) => openArchiveSource(name, { ...settings, ...options }),
    openDestination: (name) => openArchiveDestination(name, settings),
    async *list({ path }, options) {
      await using archive = await openImageArchive(path, { format, ...settings, ...options })
      for (const { names, image } of archive.images) {
        if (names.length === 0) yield { image, name: undefined }
        for (const name of names) yield { image: { transport: format, text: `${path}:${name}` }, name }
      }
    },
  }
}

export function directoryTransport(): ImageTransport<DirectoryImageName> {
  return {
    name: 'dir',
    parse: (text) => parseBuiltIn('dir', text),
    openSource: async ({ path }) => createDirectorySource(path),
    openDestination: async ({ path }) => createDirectoryDestination(path),
  }
}
