import { containerFunctions, titleFunctions } from '../functions/container-functions.ts'
import { type ParseTemplateOptions, parseTemplate } from '../template.ts'
import { type AlignOptions, alignTabs } from './align.ts'

/** A `--format` of docker and podman for a list, read. */
export interface ListFormat {
  /** The format begins with `table`: titles stand on top, and cells below each other. */
  readonly isTable: boolean
  /** @throws GoTemplateError `ERR_TEMPLATE_EXECUTION`, `ERR_TEMPLATE_LIMIT` */
  render(rows: readonly unknown[], options?: RenderListOptions): string
}

/** Options of `ListFormat.render`. */
export interface RenderListOptions extends AlignOptions {
  /** What stands in the titles' row for each field of a row; undefined for no such row. */
  readonly titles?: object | undefined
}

/** `{{range .}} … {{end}}`: the list itself is what the template is executed with. */
const rangesOverAll = /\{\{-?\s*range\s+(?:\$\w*\s*,?\s*(?:\$\w*\s*)?:?=\s*)?\.\s*-?\}\}[\s\S]*\{\{-?\s*end\s*-?\}\}/

/**
 * Reads a `--format` for a list: a template that is executed for each row, and followed by a new line. `table` in front of it adds titles and aligns what
 * tabs divide. `\t` and `\n` stand for a tab and a new line, also outside of quotes, where shells and Go leave them as they are. A template that ranges over
 * `.`, as podman's may, is executed once with all rows.
 *
 * @throws GoTemplateError `ERR_TEMPLATE_SYNTAX`, `ERR_TEMPLATE_LIMIT`
 */
export function parseListFormat(format: string, options: ParseTemplateOptions = {}): ListFormat {
  const isTable = /^table(?=[\s{]|$)/.test(format)
  const text = unescapeFormat(isTable ? format.slice('table'.length) : format)
  const whole = rangesOverAll.test(text)
  const template = parseTemplate(text, { ...options, functions: { ...containerFunctions, ...options.functions } })
  const titles = (row: object | undefined): string =>
    row === undefined ? '' : `${template.withFunctions(titleFunctions).execute(whole ? [row] : row)}\n`
  const lines = (rows: readonly unknown[]): string => {
    if (!whole) return rows.map((row) => `${template.execute(row)}\n`).join('')
    const all = template.execute(rows)
    return all === '' || all.endsWith('\n') ? all : `${all}\n`
  }
  return {
    isTable,
    render: (rows, { titles: row, ...align } = {}) => (isTable ? alignTabs(titles(row) + lines(rows), align) : lines(rows)),
  }
}

/** Spaces around a format are none of it; `\t` and `\n` typed in single quotes are what they stand for. */
export function unescapeFormat(format: string): string {
  return format
    .replace(/^ +/, '')
    .replaceAll(String.raw`\t`, '\t')
    .replaceAll(String.raw`\n`, '\n')
}
