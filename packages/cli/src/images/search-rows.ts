import type { SearchResult } from '@podwright/contracts'
import type { ListDefinition } from '../render/list-definition.ts'
import { printable } from '../render/printable.ts'

const descriptionWidth = 44

/** How `search` shows what it found. */
export function searchList({ whole }: { readonly whole: boolean }): ListDefinition<SearchResult> {
  return {
    typeName: 'Result',
    columns: ['Name', 'Description', 'StarCount', 'IsOfficial'],
    titles: { StarCount: 'STARS', IsOfficial: 'OFFICIAL' },
    fields: {
      Name: ({ name }) => printable(name),
      Index: ({ registry }) => registry,
      Description: ({ description }) => shownDescription(description, whole),
      StarCount: ({ stars }) => stars,
      Stars: ({ stars }) => stars,
      IsOfficial: ({ official }) => mark(official),
      Official: ({ official }) => mark(official),
      IsAutomated: ({ automated }) => mark(automated),
      Automated: ({ automated }) => mark(automated),
    },
    records: (results) => results.map(searchRecord),
    line: searchLine,
  }
}

/** A tag that `search --list-tags` found. */
export interface ListedTag {
  readonly name: string
  readonly tag: string
}

/** How `search --list-tags` shows tags. */
export const tagList: ListDefinition<ListedTag> = {
  typeName: 'Tag',
  columns: ['Name', 'Tag'],
  fields: { Name: ({ name }) => name, Tag: ({ tag }) => printable(tag) },
  records: (tags) => [...Map.groupBy(tags, ({ name }) => name)].map(([name, own]) => ({ Name: name, Tags: own.map(({ tag }) => tag) })),
}

function mark(value: boolean): string {
  return value ? '[OK]' : ''
}

function shownDescription(description: string, whole: boolean): string {
  const line = printable(description.replaceAll(/\s+/g, ' ').trim())
  return whole || line.length <= descriptionWidth ? line : `${line.slice(0, descriptionWidth - 3)}...`
}

/** A result in podman's `search --format json`. */
function searchRecord({ registry, name, description, stars, official, automated }: SearchResult): object {
  return {
    Index: registry,
    Name: name,
    Description: description,
    Stars: stars,
    Official: mark(official),
    Automated: mark(automated),
    Tag: '',
  }
}

/** A result in docker's `search --format '{{json .}}'`. */
function searchLine({ name, description, stars, official, automated }: SearchResult): object {
  return { Description: description, IsAutomated: String(automated), IsOfficial: String(official), Name: name, StarCount: String(stars) }
}
