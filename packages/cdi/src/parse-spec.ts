import { CdiError } from './errors.ts'
import { parseWithSchema } from './internal/parse-with-schema.ts'
import { readYaml } from './internal/read-yaml.ts'
import { specSchema } from './internal/spec-schema.ts'
import { checkVersion } from './internal/versions.ts'
import type { CdiSpec } from './spec.ts'

const maximumBytes = 4 * 1024 * 1024

/**
 * A spec of any version from 0.3.0 to 1.1.0, from what JSON or YAML have made of it.
 *
 * @throws CdiError `ERR_CDI_SPEC_INVALID`
 */
export function parseSpec(value: unknown): CdiSpec {
  const spec = parseWithSchema(specSchema(), value)
  const seen = new Set<string>()
  for (const [index, { name }] of spec.devices.entries()) {
    const path = `devices[${index}].name`
    if (seen.has(name)) throw new CdiError('ERR_CDI_SPEC_INVALID', `${path} is ${JSON.stringify(name)} once more`, { details: { path } })
    seen.add(name)
  }
  checkVersion(spec)
  return spec
}

/**
 * The same from the text of a file, of 4 MiB at most. Only YAML loads what reads it.
 *
 * @throws CdiError `ERR_CDI_SPEC_INVALID`
 */
export async function readSpec(bytes: Uint8Array, format: 'json' | 'yaml'): Promise<CdiSpec> {
  if (bytes.byteLength > maximumBytes) {
    throw new CdiError('ERR_CDI_SPEC_INVALID', `it has ${bytes.byteLength} bytes, more than ${maximumBytes}`, { details: { path: '' } })
  }
  const text = decoded(bytes)
  return parseSpec(format === 'json' ? readJson(text) : await readYaml(text))
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new CdiError('ERR_CDI_SPEC_INVALID', 'it is not text in UTF-8', { cause, details: { path: '' } })
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CdiError('ERR_CDI_SPEC_INVALID', `it is not JSON: ${(cause as Error).message}`, { cause, details: { path: '' } })
  }
}
