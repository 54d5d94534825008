import type { Volume } from '@podwright/contracts'
import { LabelSet } from '../render/label-set.ts'
import type { ListDefinition } from '../render/list-definition.ts'
import { jsonDate } from '../render/moment.ts'
import { volumeDocument } from './volume-document.ts'

/** How `volume ls` shows volumes. */
export const volumeList: ListDefinition<Volume> = {
  typeName: 'Volume',
  columns: ['Driver', 'Name'],
  titles: { Name: 'VOLUME NAME', Mountpoint: 'MOUNTPOINT' },
  quiet: ({ name }) => name,
  records: (volumes) => volumes.map(volumeDocument),
  line: volumeLine,
  fields: {
    Name: ({ name }) => name,
    Driver: ({ driver }) => driver,
    Scope: ({ scope }) => scope,
    Mountpoint: ({ path }) => path,
    CreatedAt: ({ createdAt }) => jsonDate(createdAt),
    Labels: ({ labels }) => new LabelSet(labels),
    Label:
      ({ labels }) =>
      (name: string) =>
        Object.hasOwn(labels, name) ? labels[name] : '',
    Options: ({ options }) => new Map(Object.entries(options)),
    Anonymous: ({ anonymous }) => anonymous,
    NeedsCopyUp: ({ needsCopyUp }) => needsCopyUp,
    Links: ({ holders }) => String(holders.length),
    UsedBy: ({ holders }) => holders,
  },
}

/** A volume in docker's `volume ls --format '{{json .}}'`. */
function volumeLine({ name, driver, scope, path, labels, holders }: Volume): object {
  return {
    Driver: driver,
    Labels: new LabelSet(labels).String(),
    Links: String(holders.length),
    Mountpoint: path,
    Name: name,
    Scope: scope,
    Size: 'N/A',
    Status: 'N/A',
  }
}
