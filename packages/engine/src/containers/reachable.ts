import { chmodSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerSettings } from '../state/record.ts'

const enter = 0o011

/**
 * Lets others pass through the directories on the way to what is mounted for a container, when its user namespace has no id for who owns these: its root is
 * one of the others then. What is in them stays closed, and they can't be listed.
 *
 * @throws `ERR_ENGINE_CLOSED` when a directory above is closed
 */
export function makeReachable(
  { paths }: EngineParts,
  { idMap, mounts }: Pick<ContainerSettings, 'idMap' | 'mounts'>,
  directory: string,
): void {
  if (idMap === undefined || idMap.uids.some(({ hostId }) => hostId === 0)) return
  const volumes = mounts.flatMap(({ source }) => (source?.startsWith(`${paths.root}/`) === true ? ownDirectories(paths.root, source) : []))
  for (const path of [paths.root, paths.rootMount, paths.containers, directory, ...volumes]) open(path)
  for (let above = dirname(paths.root); above !== '/'; above = dirname(above)) requireOpen(above)
}

/** `volumes/NAME`, `snapshots/KEY`, and what they are in; what lies further below is somebody's content. */
function ownDirectories(root: string, path: string): readonly string[] {
  const [kind = '', name = ''] = path.slice(root.length + 1).split('/')
  return [`${root}/${kind}`, `${root}/${kind}/${name}`]
}

function open(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  if (mode !== undefined && (mode & enter) !== enter) chmodSync(path, (mode & 0o7777) | enter)
}

function requireOpen(path: string): void {
  if ((statSync(path).mode & 0o001) !== 0) return
  throw new EngineError(
    'ERR_ENGINE_CLOSED',
    `cannot start in this user namespace: root in it is somebody else here, and may not pass through ${path}`,
    {
      hint: `Let others pass, without letting them look: chmod o+x ${path}. Or keep your own id: --userns keep-id`,
      details: { path },
    },
  )
}
