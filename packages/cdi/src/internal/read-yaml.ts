import { CdiError } from '../errors.ts'

/** What Go's readers know of YAML 1.1; a device 0:0 is no number to base 60 there, and 2026-01-01 no date. */
const tagsOfGo = new Set(['map', 'seq', 'str', 'null', 'bool', 'int', 'float'])

/** Reads one document of YAML as what vendors write by Go reads it: octals as 0666, keys once, no merging. @throws CdiError `ERR_CDI_SPEC_INVALID` */
export async function readYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'yaml-1.1',
    merge: false,
    uniqueKeys: true,
    strict: true,
    prettyErrors: true,
    logLevel: 'error',
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'object' && tagsOfGo.has(tag.tag.replace('tag:yaml.org,2002:', '')) && tag.format !== 'TIME'),
  })
  const [mistake] = [...document.errors, ...document.warnings]
  if (mistake !== undefined) throw notYaml(mistake)
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw notYaml(cause as Error)
  }
}

function notYaml(cause: Error): CdiError {
  const [reason = ''] = cause.message.split('\n')
  return new CdiError('ERR_CDI_SPEC_INVALID', `it is not YAML: ${reason.replace(/:$/, '')}`, { cause, details: { path: '' } })
}
