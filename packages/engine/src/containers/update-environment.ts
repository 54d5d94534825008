import type { ContainerUpdate } from '@podwright/contracts'
import type { ContainerSettings } from '../state/record.ts'

type Environment = Pick<ContainerSettings, 'environment' | 'tuning'>

/** A container's variables as they are to be. What is unset is noted, too: the image, or a default, would bring it back. */
export function updatedEnvironment(
  { environment, tuning }: Environment,
  { environment: set = {}, unsetEnvironment: unset = [] }: Pick<ContainerUpdate, 'environment' | 'unsetEnvironment'>,
): Environment {
  const values = new Map(environment.map((entry) => [nameOf(entry), entry]))
  for (const name of unset) values.delete(name)
  for (const [name, value] of Object.entries(set)) values.set(name, `${name}=${value}`)
  const before = tuning?.unsetEnvironment ?? []
  const left = before === 'all' ? before : [...new Set([...before, ...unset])].filter((name) => !Object.hasOwn(set, name))
  return {
    environment: [...values.values()],
    tuning: tuning === undefined && left.length === 0 ? undefined : { ...tuning, unsetEnvironment: left.length === 0 ? undefined : left },
  }
}

function nameOf(entry: string): string {
  return entry.replace(/=.*/s, '')
}
