import { EngineError } from '../errors.ts'

/** The error of a name that another container has. */
export function nameInUse(name: string, id: string): EngineError {
  return new EngineError('ERR_CONTAINER_NAME_IN_USE', `the container name "${name}" is in use by container ${id}`, {
    hint: `Remove that container (podwright rm ${name}), or choose another name.`,
    details: { name, id },
  })
}
