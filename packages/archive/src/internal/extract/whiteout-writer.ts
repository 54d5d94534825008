import { constants, readdirSync } from 'node:fs'
import { systemCodeOf } from '@podwright/conventions'
import type { TarEntry } from '../../entry.ts'
import { latin1 } from '../bytes.ts'
import { baseName, joinPath, parentPath } from '../clean-path.ts'
import { whiteoutPath, type WhiteoutPath } from '../whiteout-path.ts'
import type { Directories } from './directories.ts'
import type { DirectoryNode } from './directory-node.ts'
import { entryError } from './failure.ts'
import type { Settings } from './settings.ts'

/** Takes away what a layer's whiteouts name: from the tree itself, or for overlayfs by its own marks. */
export class WhiteoutWriter {
  readonly #settings: Settings
  readonly #directories: Directories
  /** Whether there was something that whiteouts can take away, so that what this layer brings must be told from it. */
  readonly #tracks: boolean
  count = 0

  constructor(settings: Settings, directories: Directories) {
    this.#settings = settings
    this.#directories = directories
    this.#tracks = settings.whiteouts === 'apply' && readdirSync(directories.absolute('')).length > 0
  }

  /** Notes that this layer brings `name`, which no whiteout of the same layer takes away. */
  bring(parent: DirectoryNode, name: string, isDirectory: boolean): void {
    if (!this.#tracks) return
    parent.bring()
    if (isDirectory) parent.children?.get(name)?.bring()
    else (parent.brought ??= new Set()).add(name)
  }

  /**
   * Carries out the whiteout that the cleaned `path` is.
   *
   * @returns whether it was one (or bookkeeping of AUFS), so that no file of this name is to be made.
   */
  take(path: string, entry: TarEntry): boolean {
    if (this.#settings.whiteouts === 'keep') return false
    const whiteout = whiteoutPath(path)
    if (whiteout.type === 'none') return false
    if (whiteout.type === 'wrong') throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, whiteout.reason)
    if (whiteout.type === 'metadata') this.#settings.skipped.add(entry.name, 'metadata', 'reserved')
    else this.#carryOut(whiteout, entry)
    return true
  }

  #carryOut(whiteout: Extract<WhiteoutPath, { readonly parent: string }>, entry: TarEntry): void {
    this.count++
    if (this.#isBlocked(whiteout.parent, entry)) return
    const parent = this.#directories.ensure(whiteout.parent, entry)
    if (whiteout.type === 'opaque') this.#opaque(parent)
    else this.#whiteout(parent, whiteout.name, entry)
  }

  /**
   * Whether this layer has something else in the place of the directory that a whiteout acts in: umoci has a directory that became a file as the
   * file, with a whiteout of each thing that was in the directory.
   */
  #isBlocked(path: string, entry: TarEntry): boolean {
    const obstacle = this.#directories.obstacle(path)
    if (obstacle === undefined || !this.#tracks) return obstacle !== undefined
    const parent = this.#directories.find(parentPath(obstacle), entry)
    return parent?.brought?.has(baseName(obstacle)) === true
  }

  #opaque(directory: DirectoryNode): void {
    directory.isOpaque = true
    if (!this.#tracks) return
    directory.bring()
    this.#removeOld(directory)
  }

  #removeOld(directory: DirectoryNode): void {
    for (const bytes of readdirSync(this.#directories.absolute(directory.path), { encoding: 'buffer' })) {
      const name = latin1(bytes)
      if (directory.brought?.has(name)) continue
      const child = directory.children?.get(name)
      if (child?.isBrought) this.#removeOld(child)
      else this.#directories.clear(directory, name)
    }
  }

  #whiteout(parent: DirectoryNode, name: string, entry: TarEntry): void {
    if (this.#settings.whiteouts === 'overlay') this.#makeDevice(parent, name, entry)
    else if (this.#tracks) this.#remove(parent, name)
  }

  #remove(parent: DirectoryNode, name: string): void {
    parent.bring()
    if (parent.brought?.has(name)) return
    const child = parent.children?.get(name)
    if (child?.isBrought) this.#removeOld(child)
    else if (this.#directories.lstat(joinPath(parent.path, name))) this.#directories.clear(parent, name)
  }

  #makeDevice(parent: DirectoryNode, name: string, entry: TarEntry): void {
    const { special } = this.#settings
    if (!special) throw entryError('ERR_ARCHIVE_SPECIAL_FILES', entry, 'whiteouts for overlay need the `special` component')
    try {
      special.mknod(this.#directories.absolute(joinPath(parent.path, name)), constants.S_IFCHR, 0, 0)
    } catch (error) {
      const code = systemCodeOf(error)
      if (code === 'EPERM') {
        throw entryError('ERR_ARCHIVE_DEVICE', entry, 'the kernel or the file system does not let a whiteout be made', {
          cause: error,
          hint: 'Linux 5.8 and later allow it in user namespaces; otherwise use a driver that needs no whiteouts (vfs).',
        })
      }
      if (code !== 'EEXIST') throw error
      this.#hideBelow(parent, name)
    }
  }

  /** What this layer has under the name stays; of a directory, what the layers below have in theirs goes. */
  #hideBelow(parent: DirectoryNode, name: string): void {
    if (!this.#directories.lstat(joinPath(parent.path, name))?.isDirectory()) return
    this.#directories.make(parent, name).isOpaque = true
  }
}
