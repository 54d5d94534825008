import { existsSync, readFileSync } from 'node:fs'
import { RuntimeError } from '../errors.ts'

/** A pid file's number. @throws `ERR_MONITOR_FAILED` */
export function readPid(path: string): number {
  const pid = Number(existsSync(path) ? readFileSync(path, 'utf8') : '')
  if (Number.isInteger(pid) && pid > 0) return pid
  throw new RuntimeError('ERR_MONITOR_FAILED', `the monitor left no pid in ${path}`, { details: { path } })
}
