import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { readMounts, runTool } from '@podwright/linux'
import { livingPause } from '@podwright/userns'
import { lstatSync, realpathSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { EngineError } from '../../errors.ts'
import type { EngineParts } from '../../parts.ts'
import { commandHolder } from '../../volumes/command-holder.ts'

/** Takes down what podwright has mounted in its directories, and makes sure that nothing else is mounted where files are to be deleted. @throws `ERR_ENGINE_RESET` */
export async function unmountAll(parts: EngineParts, options: AbortOptions): Promise<void> {
  await removeVolumes(parts, options)
  await unmountRemaining(parts, options)
  const [left] = mountsBelow(parts)
  if (left === undefined) return
  throw new EngineError(
    'ERR_ENGINE_RESET',
    `cannot reset ${parts.paths.root}: something is mounted on ${left}, and to delete below it would delete that`,
    {
      hint: `Unmount it first: umount ${left}`,
      details: { target: left },
    },
  )
}

/** By their drivers, which take down what they mounted, and give up what they made elsewhere. What a driver can't give up now stays where it is. */
async function removeVolumes(parts: EngineParts, options: AbortOptions): Promise<void> {
  const volumes = await parts.volumes().catch(() => undefined)
  const directory = join(parts.paths.root, 'volumes')
  if (volumes === undefined || isLink(directory)) return
  for (const { name } of volumes.list()) {
    if (isLink(join(directory, name))) continue
    options.signal?.throwIfAborted()
    try {
      await volumes.unmount(name, commandHolder, options)
      for (const holder of volumes.find(name)?.holders ?? []) await volumes.release(name, holder)
      await volumes.remove(name, options)
    } catch (error) {
      if (!isPodwrightError(error)) throw error
    }
  }
}

/** What a link leads to is not this root's. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

/** Mounted trees, and volumes that were not taken down, but nothing that somebody else has put up. Lazily: somebody may stand in them. */
async function unmountRemaining(parts: EngineParts, options: AbortOptions): Promise<void> {
  const prefix = await (await parts.namespace()).prefix(options)
  const [tool = 'umount', ...words] = [...prefix, 'umount', '--lazy', '--']
  const own = ownPlaces(parts)
  const targets = mountsBelow(parts).filter((target) => own.some((place) => target.startsWith(place)))
  for (const target of targets.toReversed()) await runTool(tool, [...words, target], { allowFailure: true, cwd: '/' })
}

/** Where storage and volumes mount theirs, and what monitors mount on. */
function ownPlaces({ paths }: EngineParts): readonly string[] {
  const root = realpathSync(paths.root)
  return [join(root, 'snapshots', sep), join(root, 'volumes', sep), join(root, basename(paths.rootMount))]
}

/** Mount points in the directories below the root that hold trees, where we are and inside the engine's namespaces. A disk that is mounted on such a directory is not meant. */
function mountsBelow({ paths, rootless, inside }: EngineParts): readonly string[] {
  const places = [paths.root, paths.runRoot].map((path) => `${realpathSync(path)}${sep}`)
  const rootMount = join(places[0] ?? '', basename(paths.rootMount))
  const pause = rootless && !inside ? livingPause(paths.root)?.pid : undefined
  const targets = [...readMounts(), ...(pause === undefined ? [] : readMounts(pause))].map(({ target }) => target)
  const isDeep = (target: string): boolean =>
    places.some((place) => target.startsWith(place) && target.slice(place.length).includes(sep)) || target === rootMount
  return targets.filter(isDeep)
}
