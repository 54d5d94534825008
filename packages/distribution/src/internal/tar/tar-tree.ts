import type { FileTree } from '../files/file-tree.ts'
import { readRange } from '../files/read-range.ts'
import { invalidArchive } from './archive-error.ts'
import { cleanName } from './clean-name.ts'
import { indexTar, type TarMember } from './index-tar.ts'
import { type ArchiveInput, type ArchiveInputOptions, openArchiveFile } from './open-archive-file.ts'

/** Docker's link a layer to its equal; longer chains have no use. */
const linksMaximum = 8

/** The members of a tar as files. Links are followed within it. @throws DistributionError as `openArchiveFile` and `indexTar` */
export async function openTarTree(input: ArchiveInput, options: ArchiveInputOptions): Promise<FileTree> {
  const archive = await openArchiveFile(input, options)
  const { file, place } = archive
  try {
    const members = await indexTar(file, archive.sizeBytes, place, options)
    const find = (name: string): (TarMember & { readonly type: 'file' }) | undefined => findFile(members, name, place)
    return {
      place,
      sizeOf: async (name) => find(name)?.sizeBytes,
      open: async (name, { offset = 0, ...reading } = {}) => {
        reading.signal?.throwIfAborted()
        const member = find(name)
        if (member === undefined) return undefined
        const end = member.offset + member.sizeBytes
        return { sizeBytes: member.sizeBytes, chunks: readRange(file, member.offset + offset, end, reading) }
      },
      [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose](),
    }
  } catch (error) {
    await archive[Symbol.asyncDispose]()
    throw error
  }
}

function findFile(
  members: ReadonlyMap<string, TarMember>,
  name: string,
  place: string,
): (TarMember & { readonly type: 'file' }) | undefined {
  let current = cleanName(name)
  for (let links = 0; current !== undefined && links <= linksMaximum; links++) {
    const member = members.get(current)
    if (member?.type === 'file') return member
    if (member?.type === 'ambiguous') throw invalidArchive(place, `it has ${JSON.stringify(current)} twice`)
    if (member?.type !== 'link') return undefined
    current = member.target
  }
  throw invalidArchive(place, `${JSON.stringify(name)} leads out of it, or around in a circle`)
}
