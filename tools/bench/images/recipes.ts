import { packEntries, type TarEntryWithContent } from '@podwright/archive'
import { contentAt, debianArchive } from './content.ts'

/** Images that are made here. Those of a quarter and a half are there to see how the cost grows. */
export type MadeImageName = 'debian' | 'layers' | `big${Part}` | `many${Part}`

/** Images that cases pull. */
export type ImageName = 'busybox' | MadeImageName

/** How much of the whole. */
export type Part = '' | '-half' | '-quarter'

/** The bytes of a layer's tar. */
export type Tar = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

const parts: Readonly<Record<Part, number>> = { '': 1, '-half': 1 / 2, '-quarter': 1 / 4 }

/** The largest: 8 files of 128 MiB. */
const bigImage = { files: 8, fileBytes: 128 * 2 ** 20 }

/** The one with the most entries: files of 0.5 to 3.5 KiB, 100 in a directory. */
const manyImage = { files: 50_000, filesPerDirectory: 100 }

/** The layers of an image, lowest first, each to be read once. */
export function layersOf(name: MadeImageName): readonly Tar[] {
  if (name === 'debian') return [debianArchive()]
  if (name === 'layers') return Array.from({ length: 12 }, (_, index) => packEntries(smallLayer(index)))
  const [, kind, part] = /^(big|many)(.*)$/.exec(name)!
  const share = parts[part as Part]
  return [packEntries(kind === 'big' ? bigLayer(bigImage.files * share) : manyLayer(manyImage.files * share))]
}

/** 2.4 MB in 60 files. */
function* smallLayer(layer: number): Iterable<TarEntryWithContent> {
  yield { name: `layer-${layer}/`, type: 'directory' }
  for (let file = 0; file < 60; file++) {
    yield { name: `layer-${layer}/file-${file}`, content: contentAt((layer * 60 + file) * 40_000, 40_000) }
  }
}

function* bigLayer(files: number): Iterable<TarEntryWithContent> {
  for (let file = 0; file < files; file++) {
    yield { name: `big-${file}`, content: contentAt(file * 1_000_003, bigImage.fileBytes) }
  }
}

function* manyLayer(files: number): Iterable<TarEntryWithContent> {
  for (let file = 0; file < files; file++) {
    const directory = `directory-${Math.floor(file / manyImage.filesPerDirectory)}`
    if (file % manyImage.filesPerDirectory === 0) yield { name: `${directory}/`, type: 'directory' }
    yield { name: `${directory}/file-${file}`, content: contentAt(file * 3001, 512 + (file % 7) * 512) }
  }
}
