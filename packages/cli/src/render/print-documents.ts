import { readFormat } from '../command-line/format-flag.ts'
import type { Output } from '../context.ts'
import type { DocumentShape } from './document-shape.ts'
import { renderJson, renderJsonLines } from './json.ts'

/** What is printed, and how. */
export interface PrintDocumentsOptions extends DocumentShape {
  /** `--format`, as given. @default JSON */
  readonly format: string | undefined
}

/**
 * Prints what is inspected: an array of JSON, an object a line for `{{json .}}`, or what a template makes of each document.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FORMAT`
 */
export async function printDocuments(
  output: Pick<Output, 'write'>,
  documents: readonly object[],
  { format, ...shape }: PrintDocumentsOptions,
): Promise<void> {
  const chosen = readFormat(format)
  if (chosen === 'lines') output.write(renderJsonLines(documents))
  else if (typeof chosen === 'string') output.write(renderJson(documents))
  else output.write(await renderByTemplate(chosen.template, documents, shape))
}

/** What a template makes of documents, a line for each. @throws CliError `ERR_CLI_FORMAT` */
export async function renderByTemplate(template: string, documents: readonly object[], shape: DocumentShape): Promise<string> {
  const { renderDocumentTemplate } = await import('./document-template.ts')
  return renderDocumentTemplate(template, documents, shape)
}

/** As `printDocuments`, for a command that has one: its JSON is no array. */
export async function printDocument(output: Pick<Output, 'write'>, document: object, options: PrintDocumentsOptions): Promise<void> {
  if (readFormat(options.format) === 'json') output.write(renderJson(document))
  else await printDocuments(output, [document], options)
}
