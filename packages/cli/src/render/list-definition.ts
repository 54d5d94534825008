/**
 * How a list is shown, as data: its table, its JSON, and what templates find. An example, of a command that lists shelves:
 *
 *     export const shelfList: ListDefinition<Shelf> = {
 *       typeName: 'Shelf',
 *       columns: ['Name', 'Books'],
 *       titles: { Name: 'SHELF' },
 *       fields: {
 *         Name: ({ name }) => name,
 *         Books: ({ books }) => books.length,
 *         Labels: ({ labels }) => new LabelSet(labels),
 *         Label: ({ labels }) => (name: string) => labels[name] ?? '',
 *       },
 *       records: (shelves) => shelves.map(shelfRecord),
 *     }
 *
 *     // in the command, whose flags are format: formatFlag, quiet and noheading:
 *     await printList(context.stdout, shelves, shelfList, flags)
 */
export interface ListDefinition<Item> {
  /** What errors of templates call a row. */
  readonly typeName: string
  /** The columns of the table, by their fields' names. */
  readonly columns: readonly string[]
  /**
   * What a template finds by each name, in docker's words and podman's; worked out only when it is asked for. A function is a method: `{{.Label "a"}}`.
   * A column must come out as a text or a number.
   */
  readonly fields: Readonly<Record<string, (item: Item) => unknown>>
  /** Titles of columns. @default the field's name in upper case, its words apart: CreatedAt is CREATED AT */
  readonly titles?: Readonly<Record<string, string>>
  /** What `--quiet` prints of an item; an item that is like the one before it is left out. @default the first column */
  readonly quiet?: (item: Item) => string
  /** The documents of `--format json`, in podman's words. */
  readonly records: (items: readonly Item[]) => readonly object[]
  /** An item in `{{json .}}`, in docker's words. @default the fields that are no methods */
  readonly line?: (item: Item) => object
}

/** The flags that say how a list is printed. */
export interface ListFlags {
  /** As given. @default 'table' */
  readonly format?: string | undefined
  /** Ids alone, unless a format is given. @default false */
  readonly quiet?: boolean | undefined
  /** No titles. @default false */
  readonly noheading?: boolean | undefined
}

/** The title of a field's column. */
export function titleOf({ titles = {} }: Pick<ListDefinition<never>, 'titles'>, field: string): string {
  return Object.hasOwn(titles, field) ? (titles[field] ?? '') : field.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toUpperCase()
}
