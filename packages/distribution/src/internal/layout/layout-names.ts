import type { ImageName, ListedImage } from '@podwright/contracts'
import type { Descriptor, Digest, ImageIndex } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import type { LayoutImageChoice } from '../../image-names.ts'
import type { FileTree } from '../files/file-tree.ts'

/** image-spec v1.1, annotations.md: an image's name within a layout. */
export const nameAnnotation = 'org.opencontainers.image.ref.name'

/** What containerd and docker write the full name to; theirs of the specification is then the tag alone. */
const fullNameAnnotation = 'io.containerd.image.name'

/** Which image of a layout. `name` may also be a digest. */
export type EntryChoice = Omit<LayoutImageChoice, 'path'>

/** The names that an entry of index.json has. */
export function namesOf({ annotations }: Descriptor): string[] {
  return [annotations?.[fullNameAnnotation], annotations?.[nameAnnotation]].filter((name) => name !== undefined)
}

/** @throws DistributionError `ERR_LAYOUT_NOT_FOUND`, `ERR_LAYOUT_AMBIGUOUS` */
export function chooseEntry(tree: FileTree, index: ImageIndex | undefined, choice: EntryChoice): Descriptor {
  const entries = index?.manifests ?? []
  const fitting = entries.filter((entry, position) => fits(entry, position, choice))
  const [first] = fitting
  if (first === undefined) throw imageNotFound(tree, choice, entries)
  // The same image under several names is still one.
  if (isChoice(choice) || fitting.every(({ digest }) => digest === first.digest)) return first
  const names = entries.flatMap((entry) => namesOf(entry).slice(0, 1))
  throw new DistributionError('ERR_LAYOUT_AMBIGUOUS', `cannot choose an image of the layout ${tree.place}: there are ${fitting.length}`, {
    hint:
      names.length > 0 ? `Name one of ${names.join(', ')}.` : `Name one by its digest: ${fitting.map(({ digest }) => digest).join(', ')}.`,
    details: { place: tree.place, names },
  })
}

function isChoice({ name, digest, index }: EntryChoice): boolean {
  return name !== undefined || digest !== undefined || index !== undefined
}

function fits(entry: Descriptor, position: number, { name, digest, index }: EntryChoice): boolean {
  if (index !== undefined && position !== index) return false
  if (digest !== undefined && entry.digest !== digest) return false
  return name === undefined || entry.digest === name || namesOf(entry).includes(name)
}

export function imageNotFound(tree: Pick<FileTree, 'place'>, choice: EntryChoice, entries: readonly Descriptor[]): DistributionError {
  const { name, digest, index } = choice
  const names = entries.flatMap((entry) => namesOf(entry).slice(0, 1))
  const what = name ?? digest ?? (index === undefined ? undefined : `number ${index}, counted from 0`)
  const reason = what === undefined ? 'it has none' : `it has none with the ${name === undefined ? '' : 'name '}${what}`
  return new DistributionError('ERR_LAYOUT_NOT_FOUND', `cannot find an image of the layout ${tree.place}: ${reason}`, {
    details: { place: tree.place, name: what, names },
    ...(names.length > 0 && { hint: `There are ${names.join(', ')}.` }),
  })
}

/** Each entry under each of its own names once, with the text that leads to it. */
export function listEntries(transport: string, path: string, index: ImageIndex | undefined): ListedImage[] {
  const entries = index?.manifests ?? []
  return entries.map((descriptor, position) => {
    const [name] = namesOf(descriptor)
    const isUnique = name !== undefined && entries.filter((other) => namesOf(other).includes(name)).length === 1
    const image: ImageName = { transport, text: `${path}:${isUnique ? name : `@${position}`}` }
    return { image, name, descriptor: bareDescriptor(descriptor) }
  })
}

/** An entry's descriptor without what only says its name. */
export function bareDescriptor({ annotations, ...descriptor }: Descriptor): Descriptor {
  const rest = Object.entries(annotations ?? {}).filter(([key]) => key !== nameAnnotation && key !== fullNameAnnotation)
  return rest.length === 0 ? descriptor : { ...descriptor, annotations: Object.fromEntries(rest) }
}

/** A name belongs to one entry; an entry without a name stands once. @returns entries with one more */
export function withEntry(entries: readonly Descriptor[], top: Descriptor, name: string | undefined): Descriptor[] {
  const others = entries.filter((other) =>
    name === undefined ? namesOf(other).length > 0 || other.digest !== top.digest : !namesOf(other).includes(name),
  )
  return [...others, name === undefined ? top : { ...top, annotations: { ...top.annotations, [nameAnnotation]: name } }]
}

/** Manifests that the entries lead to. */
export function digestsOf(entries: readonly Descriptor[]): Set<Digest> {
  return new Set(entries.map(({ digest }) => digest))
}
