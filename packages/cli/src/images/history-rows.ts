import type { StoredHistoryStep } from '@podwright/contracts'
import { humanAge } from '../render/duration.ts'
import type { ListDefinition } from '../render/list-definition.ts'
import { goDate, jsonDate } from '../render/moment.ts'
import { printable } from '../render/printable.ts'
import { humanSize } from '../render/size.ts'

/** How steps are shown. */
export interface HistoryView {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly whole: boolean
  readonly human: boolean
}

/** As wide as docker and podman show a command. */
const commandWidth = 45
const missing = '<missing>'

/** How `history` shows the steps of an image. */
export function historyList(view: HistoryView): ListDefinition<StoredHistoryStep> {
  return {
    typeName: 'Step',
    columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
    titles: { ID: 'IMAGE', CreatedSince: 'CREATED' },
    fields: historyFields(view),
    records: (steps) => steps.map(historyRecord),
  }
}

function historyFields(view: HistoryView): ListDefinition<StoredHistoryStep>['fields'] {
  const since = ({ created }: StoredHistoryStep): string => (created === undefined ? 'N/A' : shownAge(created, view))
  return {
    ID: (step) => shownStepId(step, view),
    Created: since,
    CreatedSince: since,
    CreatedAt: ({ created }) => (created === undefined ? 'N/A' : goDate(created)),
    CreatedBy: ({ createdBy }) => printable(cut(createdBy, view)),
    Size: ({ layer }) => (view.human ? humanSize(layer?.sizeBytes ?? 0) : String(layer?.sizeBytes ?? 0)),
    Comment: ({ comment }) => printable(comment),
    Author: ({ author }) => printable(author),
    Tags: ({ names }) => names,
  }
}

/** The image whose last step it is, where one is known. */
export function shownStepId({ id }: StoredHistoryStep, { whole }: HistoryView): string {
  if (id === undefined) return missing
  return whole ? id : id.slice(id.indexOf(':') + 1).slice(0, 12)
}

function shownAge(created: Date, { human, now }: HistoryView): string {
  return human ? humanAge(created, now) : created.toISOString()
}

function cut(command: string, { whole }: HistoryView): string {
  const line = command.replaceAll(/\s+/g, ' ')
  return whole || line.length <= commandWidth ? line : `${line.slice(0, commandWidth - 3)}...`
}

/** A step in podman's `history --format json`. */
function historyRecord({ id, created, createdBy, author, comment, layer, names }: StoredHistoryStep): object {
  return {
    id: id === undefined ? missing : id.slice(id.indexOf(':') + 1),
    created: jsonDate(created),
    CreatedBy: createdBy,
    size: layer?.sizeBytes ?? 0,
    comment,
    ...(author !== '' && { author }),
    ...(names.length > 0 && { tags: names }),
  }
}
