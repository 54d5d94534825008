import { goTypeName, parseListFormat } from '@podwright/go-template'
import { explainTemplate } from './explain-template.ts'
import { type ListDefinition, titleOf } from './list-definition.ts'
import { lineOf } from './print-list.ts'
import { widthFor } from './table.ts'

/** Where a row keeps its item: no name of a template's is a symbol. */
const itemOf: unique symbol = Symbol('item')

interface Row<Item> {
  readonly [itemOf]: Item
}

/**
 * A list by a template.
 *
 * @throws CliError `ERR_CLI_FORMAT`
 */
export async function renderListTemplate<Item>(
  format: string,
  items: readonly Item[],
  definition: ListDefinition<Item>,
  { noheading }: { readonly noheading: boolean },
): Promise<string> {
  try {
    const list = parseListFormat(format)
    const prototype = rowPrototype(definition)
    const rows = items.map((item): unknown => Object.create(prototype, { [itemOf]: { value: item } }))
    const titles = noheading ? undefined : titleRow(definition)
    if (!list.isTable) return list.render(rows)
    const unaligned = list.render(rows, { titles, widthOf: () => 0 })
    return list.render(rows, { titles, widthOf: await widthFor([unaligned.split('\n')]) })
  } catch (error) {
    throw explainTemplate(error, format)
  }
}

/** A struct of Go whose fields are worked out when a template asks for them. */
function rowPrototype<Item>(definition: ListDefinition<Item>): object {
  const prototype: object = { [goTypeName]: definition.typeName }
  for (const [name, field] of Object.entries(definition.fields)) {
    Object.defineProperty(prototype, name, {
      get(this: Row<Item>) {
        return field(this[itemOf])
      },
    })
  }
  Object.defineProperty(prototype, 'toJSON', {
    value(this: Row<Item>) {
      return lineOf(this[itemOf], definition)
    },
  })
  return prototype
}

/** What stands on top of a table, found by the same names as what is below. */
function titleRow<Item>(definition: ListDefinition<Item>): object {
  const titles = Object.keys(definition.fields).map((name) => [name, titleOf(definition, name)] as const)
  return {
    [goTypeName]: definition.typeName,
    ...Object.fromEntries(titles),
    // The title of a label's column is the label's last word.
    ...('Label' in definition.fields && { Label: (name: string) => (name.split('.').at(-1) ?? '').replaceAll(/[-_]/g, ' ') }),
  }
}
