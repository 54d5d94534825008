import { readFile } from 'node:fs/promises'
import { RuntimeError } from '../errors.ts'

/** A pid file's number. @throws `ERR_MONITOR_FAILED` */
export async function readPid(path: string): Promise<number> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''))
  if (Number.isInteger(pid) && pid > 0) return pid
  throw new RuntimeError('ERR_MONITOR_FAILED', `the monitor left no pid in ${path}`, { details: { path } })
}
