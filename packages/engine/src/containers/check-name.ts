import { EngineError } from '../errors.ts'

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** @throws `ERR_CONTAINER_NAME_INVALID` */
export function checkName(name: string): void {
  if (namePattern.test(name)) return
  throw new EngineError('ERR_CONTAINER_NAME_INVALID', `"${name}" can't be a container's name`, {
    hint: 'A name starts with a letter or digit and goes on with letters, digits, "_", "." and "-".',
  })
}
