import type { OpenBlob, PutBlobOptions, PutStreamOptions } from '@podwright/contracts'
import type { Descriptor } from '@podwright/oci'
import { join } from 'node:path'
import { putBlobFile, putStreamFile, putWholeFile } from '../files/blob-files.ts'
import { blobName } from './layout-files.ts'
import type { LayoutSession } from './layout-session.ts'

/** Takes a blob into a layout; one that broke off is continued. */
export async function putLayoutBlob(
  directory: string,
  session: LayoutSession,
  descriptor: Descriptor,
  open: OpenBlob,
  options: PutBlobOptions,
): Promise<void> {
  const places = { growing: session.partial(descriptor.digest), final: join(directory, blobName(descriptor.digest)) }
  await putBlobFile(places, descriptor, open, options)
}

/** Takes in bytes that have no digest yet. */
export function putLayoutStream(
  directory: string,
  session: LayoutSession,
  chunks: AsyncIterable<Uint8Array>,
  options: PutStreamOptions,
): Promise<Pick<Descriptor, 'digest' | 'size'>> {
  return putStreamFile(session.nameless(), (digest) => join(directory, blobName(digest)), chunks, options)
}

/** Writes a small file of a layout. */
export async function putLayoutFile(directory: string, session: LayoutSession, name: string, bytes: Uint8Array): Promise<void> {
  await putWholeFile({ growing: session.nameless(), final: join(directory, name) }, bytes)
}
