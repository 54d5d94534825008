import { goFieldAlias, goTypeName, goZeroValue, parseListFormat } from '@podwright/go-template'
import type { DocumentShape } from './document-shape.ts'
import { explainTemplate } from './explain-template.ts'

/**
 * What a template makes of each document.
 *
 * @throws CliError `ERR_CLI_FORMAT`
 */
export function renderDocumentTemplate(format: string, documents: readonly object[], shape: DocumentShape): string {
  try {
    return parseListFormat(format).render(documents.map((document) => structOfDocument(document, shape)))
  } catch (error) {
    throw explainTemplate(error, format)
  }
}

/** A document as Go would have it: structs, and maps where the shape says so. */
function structOfDocument(document: object, { typeName, maps = [], fields = {} }: DocumentShape): object {
  const struct = toStruct(document, typeName, new Set(maps))
  for (const [name, field] of Object.entries(fields)) {
    Object.defineProperty(struct, name, { get: () => convert(field(document), `${typeName}.${name}`, new Set(maps)) })
  }
  // What only templates find is not part of the JSON.
  Object.defineProperty(struct, 'toJSON', { value: () => toStruct(document, typeName, new Set()) })
  return struct
}

function convert(value: unknown, path: string, maps: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map((item) => convert(item, path, maps))
  const [key = ''] = path.split('.').slice(-1)
  return maps.has(key) ? toMap(value, path, maps) : toStruct(value, path, maps)
}

function toStruct(value: object, path: string, maps: ReadonlySet<string>): object {
  const entries = Object.entries(value).map(([key, item]) => [key, convert(item, `${path}.${key}`, maps)] as const)
  return { ...Object.fromEntries(entries), [goTypeName]: path, [goFieldAlias]: anyCase }
}

/** A map of texts has the empty text for what isn't in it. */
function toMap(value: object, path: string, maps: ReadonlySet<string>): object {
  const entries = Object.entries(value).map(([key, item]) => [key, convert(item, `${path}[]`, maps)] as const)
  const isText = entries.every(([, item]) => typeof item === 'string')
  return { ...Object.fromEntries(entries), ...(isText && { [goZeroValue]: '' }) }
}

/** Fields of podman's that its JSON has by another name, in lower case. */
const jsonNames: Readonly<Record<string, string>> = { cgroupsversion: 'cgroupversion' }

/** `.Id` and `.ID`, `.Host.OCIRuntime` and `.Host.OciRuntime`: docker, podman and JSON differ in little else. */
function anyCase(this: object, name: string): string | undefined {
  const typed = name.toLowerCase()
  const lower = jsonNames[typed] ?? typed
  return Object.getOwnPropertyNames(this).find((key) => key.toLowerCase() === lower && key !== 'toJSON')
}
