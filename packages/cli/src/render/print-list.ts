import { readFormat } from '../command-line/format-flag.ts'
import type { Output } from '../context.ts'
import { renderJson, renderJsonLines } from './json.ts'
import { type ListDefinition, type ListFlags, titleOf } from './list-definition.ts'
import { renderTable } from './table.ts'

/**
 * Prints a list as `--format`, `--quiet` and `--noheading` say. A template is executed for each item before anything is written.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FORMAT`
 */
export async function printList<Item>(
  output: Pick<Output, 'write'>,
  items: readonly Item[],
  definition: ListDefinition<Item>,
  { format, quiet = false, noheading = false }: ListFlags,
): Promise<void> {
  const chosen = readFormat(format)
  if (typeof chosen === 'object') {
    const { renderListTemplate } = await import('./list-template.ts')
    output.write(await renderListTemplate(chosen.template, items, definition, { noheading }))
  } else if (chosen === 'json') output.write(renderJson(definition.records(items)))
  else if (chosen === 'lines') output.write(renderJsonLines(items.map((item) => lineOf(item, definition))))
  else if (quiet) output.write(quietLines(items, definition))
  else
    output.write(
      await renderTable(noheading ? undefined : definition.columns.map((field) => titleOf(definition, field)), cellsOf(items, definition)),
    )
}

/** An item as docker's `{{json .}}` has it. */
export function lineOf<Item>(item: Item, { line, fields }: ListDefinition<Item>): object {
  if (line !== undefined) return line(item)
  const values = Object.entries(fields).map(([name, field]) => [name, field(item)] as const)
  return Object.fromEntries(values.filter(([, value]) => typeof value !== 'function'))
}

function quietLines<Item>(items: readonly Item[], { quiet, fields, columns }: ListDefinition<Item>): string {
  const [first = ''] = columns
  const shown = items.map(quiet ?? ((item) => String(fields[first]?.(item))))
  return shown.map((text, at) => (text === shown[at - 1] ? '' : `${text}\n`)).join('')
}

function cellsOf<Item>(items: readonly Item[], { columns, fields }: ListDefinition<Item>): readonly (readonly string[])[] {
  const chosen = columns.map((name) => fields[name])
  return items.map((item) => chosen.map((field) => String(field?.(item) ?? '')))
}
