import type { RuntimeSpec } from '@podwright/oci'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { ContainerFiles } from '../containers/files.ts'
import type { ContainerSettings } from '../state/record.ts'

type Secrets = Pick<ContainerSettings, 'secrets'>

/** The names of a container's variables that are nobody else's business: by its record, since annotations are for anybody to write. */
export function secretVariables({ secrets = [] }: Secrets): readonly string[] {
  return secrets.filter(({ type }) => type === 'env').map(({ target }) => target)
}

/** The spec without these variables. */
export function withoutSecretVariables(spec: RuntimeSpec, settings: Secrets): RuntimeSpec {
  const names = secretVariables(settings)
  if (names.length === 0) return spec
  const env = spec.process.env?.filter((variable) => !names.includes(nameOf(variable)))
  return { ...spec, process: { ...spec.process, ...(env !== undefined && { env }) } }
}

/** Once the runtime has read it: in place of the link that leads to the spec in the run root, the spec without what is secret. */
export function concealSpec({ directory }: Pick<ContainerFiles, 'directory'>, settings: Secrets): void {
  const path = `${directory}/config.json`
  const spec = JSON.parse(readFileSync(path, 'utf8')) as RuntimeSpec
  writeFileSync(`${path}.part`, `${JSON.stringify(withoutSecretVariables(spec, settings))}\n`, { mode: 0o600 })
  renameSync(`${path}.part`, path)
}

function nameOf(variable: string): string {
  return variable.slice(0, variable.indexOf('='))
}
