import type { RuntimeSpec } from '@podwright/oci'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { ContainerFiles } from '../containers/files.ts'

/** Names the variables of a container's first process that are secret, with commas between them. */
export const secretVariables = 'io.podwright.secret-variables'

/** Whether a spec has variables that are nobody else's business. */
export function hasSecretVariables({ annotations }: RuntimeSpec): boolean {
  return annotations?.[secretVariables] !== undefined
}

/** The spec without these variables. */
export function withoutSecretVariables(spec: RuntimeSpec): RuntimeSpec {
  const names = spec.annotations?.[secretVariables]?.split(',') ?? []
  const env = spec.process.env?.filter((variable) => !names.includes(variable.slice(0, variable.indexOf('='))))
  return { ...spec, process: { ...spec.process, ...(env !== undefined && { env }) } }
}

/** Once the runtime has read it: in place of the link that leads to the spec in the run root, the spec without what is secret. */
export function concealSpec({ directory }: Pick<ContainerFiles, 'directory'>): void {
  const path = `${directory}/config.json`
  const spec = JSON.parse(readFileSync(path, 'utf8')) as RuntimeSpec
  writeFileSync(`${path}.part`, `${JSON.stringify(withoutSecretVariables(spec))}\n`, { mode: 0o600 })
  renameSync(`${path}.part`, path)
}
