import { messageOf } from '@podwright/conventions'
import { copyFileSync, realpathSync, statSync } from 'node:fs'
import { EngineError } from '../errors.ts'

const database = '/usr/share/zoneinfo'

/**
 * The file of a time zone, links followed.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID`
 */
export function timeZoneFile(name: string): string {
  const path = name === 'local' ? '/etc/localtime' : `${database}/${name}`
  try {
    if (name !== 'local' && !/^[\w+-]+(\/[\w+-]+)*$/.test(name)) throw new Error('it is not a name like Europe/Berlin')
    const real = realpathSync(path)
    if (!statSync(real).isFile()) throw new Error('it is not a file')
    return real
  } catch (error) {
    throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `cannot set the time zone ${name}: ${messageOf(error)}`, {
      hint: `It is local, or a file below ${database}.`,
      cause: error,
      details: { timeZone: name },
    })
  }
}

/** Copies it into a container's directory, so that an update of the host's cannot take it from under the container. */
export function keepTimeZone(name: string, directory: string): string {
  const path = `${directory}/localtime`
  copyFileSync(timeZoneFile(name), path)
  return path
}
