import type { PullProgress, TransferProgress } from '@podwright/contracts'
import { humanSize } from '../render/size.ts'
import { shortDigest } from './blob-names.ts'

/** Events that are about no single blob. */
export type TransferNote = Exclude<PullProgress | TransferProgress, { readonly descriptor: unknown }>

/** How a transfer is told of. */
export interface TransferWords {
  /** What a blob is that has come or gone: `Fetched`. */
  readonly done: string
  /** What is said of a blob that needed not be moved. */
  readonly present: string
  /** Whether layers are unpacked afterwards. */
  readonly unpacks: boolean
  /** Undefined: nothing is said. */
  note(event: TransferNote): string | undefined
}

/** Of what comes here from a registry. */
export const pullWords: TransferWords = {
  done: 'Fetched',
  present: 'already here',
  unpacks: true,
  note: (event) => noteOf(event, 'Pulling'),
}

/** Of an artifact that comes here: its files stay as they are. */
export const artifactPullWords: TransferWords = { ...pullWords, unpacks: false }

/** Of what comes here out of an archive. */
export const loadWords: TransferWords = { done: 'Read', present: 'already here', unpacks: true, note: (event) => noteOf(event, 'Loading') }

/** Of what goes to a registry. */
export const pushWords: TransferWords = {
  done: 'Sent',
  present: 'already there',
  unpacks: false,
  note: (event) => noteOf(event, 'Pushing'),
}

/** Of what goes into an archive. */
export const saveWords: TransferWords = {
  done: 'Wrote',
  present: 'already there',
  unpacks: false,
  note: (event) => noteOf(event, 'Saving'),
}

/** Of what goes from one place to another. */
export const copyWords: TransferWords = {
  done: 'Copied',
  present: 'already there',
  unpacks: false,
  note: (event) => noteOf(event, 'Copying'),
}

function noteOf(event: TransferNote, verb: string): string {
  if (event.type === 'pull:resolve') return `Resolving ${event.reference}`
  if (event.type === 'pull:unchanged') return `Up to date: ${event.reference} (${shortDigest(event.digest)})`
  const layers = event.layers === 1 ? '1 layer' : `${event.layers} layers`
  const facts = `(${shortDigest(event.digest)}, ${layers}, ${humanSize(event.sizeBytes)})`
  if (event.type === 'pull:resolved') return `${verb} ${event.reference} ${facts}`
  return verb === 'Copying'
    ? `${verb} ${event.source} to ${event.destination} ${facts}`
    : `${verb} ${bare(verb === 'Loading' ? event.source : event.destination)} ${facts}`
}

/** A name at a registry is shown as it is typed. */
function bare(reference: string): string {
  return reference.replace(/^(?:docker:\/\/|storage:)/, '')
}
