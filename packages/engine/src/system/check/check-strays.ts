import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isBeingMade } from '../../containers/creation-lock.ts'
import { containerFiles } from '../../containers/files.ts'
import { observe } from '../../containers/observe.ts'
import type { EngineParts } from '../../parts.ts'
import type { ContainerRow } from '../../state/record.ts'
import { tryLockFile } from '@podwright/linux'
import { containerDirectories, endStray, forgetTrace, hasProcesses, type RuntimeTrace, runtimeTraces } from '../stray-containers.ts'
import { type Check, isOld, type Problem } from './problem.ts'

/** Containers that are not recorded and live all the same, and what is left of others. */
export async function* checkStrays(check: Check): AsyncGenerator<Problem> {
  const { parts } = check
  const store = await parts.store()
  const living = new Set<string>()
  const directories = containerDirectories(parts)
  const traces = runtimeTraces(
    parts,
    store.list().flatMap(({ runtime }) => (runtime === '' ? [] : [runtime])),
  )
  for (const id of new Set([...directories.filter((name) => !name.endsWith('.gone')), ...traces.map((trace) => trace.id)])) {
    if (store.find(id) !== undefined || isBeingMade(parts.paths, id) || !(await hasProcesses(parts, id))) continue
    living.add(id)
    yield unrecorded(parts, id)
  }
  for (const name of directories) {
    const id = name.replace(/\.gone$/, '')
    if (!living.has(id)) yield* strayDirectory(check, name, store.find(id))
  }
  for (const trace of traces) if (!living.has(trace.id)) yield* strayTrace(check, trace, store.find(trace.id))
}

function unrecorded(parts: EngineParts, id: string): Problem {
  const mend = async (): Promise<void> => {
    await endStray(parts, id)
    rmSync(containerFiles(parts.paths, id).directory, { recursive: true, force: true })
  }
  return {
    kind: 'container-unrecorded',
    subject: id,
    reason: 'processes of it live, and the database does not have it, so that no command reaches it',
    action: 'Its processes are ended, and what is left of it is deleted.',
    mend,
  }
}

/** `ID.gone` is the name of a directory that is being deleted: the row goes after it. */
function* strayDirectory(check: Check, name: string, row: ContainerRow | undefined): Generator<Problem> {
  const { parts } = check
  const path = join(parts.paths.containers, name)
  const isLeft = row === undefined || (name.endsWith('.gone') && row.status !== 'removing')
  if (!isLeft || !isOld(check, path) || isBeingMade(parts.paths, name)) return
  const mend = async (): Promise<void> => rmSync(path, { recursive: true, force: true })
  yield { kind: 'garbage', subject: `containers/${name}`, reason: 'no container has the directory', action: 'It is deleted.', mend }
}

/** A runtime forgets a container as soon as it has ended, unless its monitor was killed. */
function* strayTrace(check: Check, trace: RuntimeTrace, row: ContainerRow | undefined): Generator<Problem> {
  const { parts } = check
  if (!isOld(check, trace.path)) return
  using lock = row === undefined ? undefined : tryLockFile(containerFiles(parts.paths, row.id).stateLock)
  if (row !== undefined && (lock === undefined || observe(row, parts.evidence).pid !== 0)) return
  const reason = row === undefined ? 'the runtime still has a container that is gone' : `the runtime still has ${row.name}, which has ended`
  const action = `${trace.runtime} forgets it.`
  yield { kind: 'garbage', subject: trace.path, reason, action, mend: () => forgetTrace(parts, trace) }
}
