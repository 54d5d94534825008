import { closeSync, constants, ftruncateSync, linkSync, openSync, symlinkSync, writeSync } from 'node:fs'
import { systemCodeOf } from '@podwright/conventions'
import type { TarEntry } from '../../entry.ts'
import type { ExtractOptions } from '../../extract-options.ts'
import type { TarSink } from '../../parser.ts'
import { fromLatin1 } from '../bytes.ts'
import { baseName, cleanPath, joinPath, parentPath } from '../clean-path.ts'
import { isOverlayWhiteout } from '../overlay-marks.ts'
import { finishFile, finishSpecial, keepXattrs, modeOf } from './attributes.ts'
import type { Directories } from './directories.ts'
import type { DirectoryNode } from './directory-node.ts'
import type { DiskGuard } from './disk-guard.ts'
import { conflict, entryError, writeFailure } from './failure.ts'
import { ownerOf, type Settings } from './settings.ts'
import type { WhiteoutWriter } from './whiteout-writer.ts'

const createFlags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0)

/** For a file that is mounted, and can't be replaced. */
const rewriteFlags = constants.O_WRONLY | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0)

/** The file whose content is coming. */
interface OpenFile {
  readonly entry: TarEntry
  readonly fd: number
  readonly path: Buffer
  readonly parent: DirectoryNode
  readonly createMode: number
}

/** Writes the entries of a tar to a directory, each as it comes; directories get their attributes later. */
export class LayerSink implements TarSink {
  readonly #settings: Settings
  readonly #directories: Directories
  readonly #whiteouts: WhiteoutWriter
  readonly #disk: DiskGuard
  readonly #maxEntries: number
  readonly #maxSizeBytes: number
  #file: OpenFile | undefined
  entries = 0
  sizeBytes = 0
  root: TarEntry | undefined

  constructor(settings: Settings, directories: Directories, whiteouts: WhiteoutWriter, disk: DiskGuard, options: ExtractOptions) {
    this.#settings = settings
    this.#directories = directories
    this.#whiteouts = whiteouts
    this.#disk = disk
    this.#maxEntries = options.maxEntries ?? Number.POSITIVE_INFINITY
    this.#maxSizeBytes = options.maxSizeBytes ?? Number.POSITIVE_INFINITY
  }

  entry(entry: TarEntry): void {
    try {
      this.#count(entry)
      const path = cleanPath(entry.name)
      if (path === undefined) throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'it leads out of the directory')
      if (path === '') this.#takeRoot(entry)
      else if (!this.#whiteouts.take(path, entry)) this.#take(path, entry)
    } catch (error) {
      throw writeFailure(error, entry)
    }
  }

  data(chunk: Uint8Array, offset: number): void {
    const file = this.#file
    if (!file) return
    try {
      this.#disk.spend(file.entry, chunk.length, 0)
      for (let written = 0; written < chunk.length;) {
        written += writeSync(file.fd, chunk, written, chunk.length - written, file.entry.sparse ? offset + written : null)
      }
    } catch (error) {
      throw writeFailure(error, file.entry)
    }
  }

  end(): void {
    const file = this.#file
    if (!file) return
    this.#file = undefined
    try {
      if (file.entry.sparse) ftruncateSync(file.fd, file.entry.sizeBytes)
      finishFile(this.#settings, file.entry, file)
    } catch (error) {
      throw writeFailure(error, file.entry)
    } finally {
      closeSync(file.fd)
    }
  }

  /** Gives back what a broken extraction holds. */
  close(): void {
    if (this.#file) closeSync(this.#file.fd)
    this.#file = undefined
  }

  #count(entry: TarEntry): void {
    if (++this.entries > this.#maxEntries)
      throw entryError('ERR_ARCHIVE_LIMIT', entry, `the archive has more than ${this.#maxEntries} entries`)
    this.sizeBytes += entry.sizeBytes
    if (this.sizeBytes > this.#maxSizeBytes) {
      throw entryError('ERR_ARCHIVE_LIMIT', entry, `the files of the archive have more than ${this.#maxSizeBytes} bytes together`)
    }
    this.#disk.spend(entry, 0, 1)
  }

  #takeRoot(entry: TarEntry): void {
    if (entry.type !== 'directory') throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'something other than a directory as the root')
    this.root = entry
    this.#directories.root.attributes = this.#directoryAttributes(entry)
  }

  #take(path: string, entry: TarEntry): void {
    const parent = this.#directories.ensure(parentPath(path), entry)
    const name = baseName(path)
    const isMade = this.#make(parent, name, entry)
    if (isMade) this.#whiteouts.bring(parent, name, entry.type === 'directory')
  }

  #make(parent: DirectoryNode, name: string, entry: TarEntry): boolean {
    switch (entry.type) {
      case 'file':
        return this.#makeFile(parent, name, entry)
      case 'directory':
        this.#directories.make(parent, name).attributes = this.#directoryAttributes(entry)
        return true
      case 'symlink':
        return this.#makeSpecial(parent, name, entry, (path) => symlinkSync(entry.linkName as Buffer, path))
      case 'hardlink':
        return this.#makeLink(parent, name, entry)
      case 'character':
      case 'block':
      case 'fifo':
        return this.#makeDevice(parent, name, entry)
      case 'unknown':
        throw entryError(
          'ERR_ARCHIVE_UNSUPPORTED',
          entry,
          `layers have no entries of type ${JSON.stringify(String.fromCharCode(entry.typeFlag))}`,
        )
    }
  }

  #directoryAttributes(entry: TarEntry): NonNullable<DirectoryNode['attributes']> {
    return {
      name: entry.name,
      mode: modeOf(this.#settings, entry),
      owner: ownerOf(this.#settings, entry),
      modified: entry.modified,
      xattrs: keepXattrs(this.#settings, entry),
    }
  }

  #makeFile(parent: DirectoryNode, name: string, entry: TarEntry): true {
    this.#disk.expect(entry, entry.storedBytes)
    const mode = entry.mode & 0o777
    // Whoever isn't root can set attributes of files that they can write only.
    const createMode = entry.xattrs.length > 0 ? mode | 0o600 : mode
    const path = this.#directories.absolute(joinPath(parent.path, name))
    const fd = this.#clearing(parent, name, (inPlace) => openSync(path, inPlace ? rewriteFlags : createFlags, createMode))
    this.#file = { entry, fd, path, parent, createMode }
    return true
  }

  #makeSpecial(parent: DirectoryNode, name: string, entry: TarEntry, make: (path: Buffer) => void): true {
    const path = this.#directories.absolute(joinPath(parent.path, name))
    this.#clearing(parent, name, () => make(path))
    finishSpecial(this.#settings, entry, path, parent)
    return true
  }

  #makeLink(parent: DirectoryNode, name: string, entry: TarEntry): true {
    const target = this.#linkTarget(entry)
    const path = joinPath(parent.path, name)
    if (target === path) return true
    this.#clearing(parent, name, () => linkSync(this.#directories.absolute(target), this.#directories.absolute(path)))
    return true
  }

  /** Links are made to what is in the tree, found without a symbolic link on the way. */
  #linkTarget(entry: TarEntry): string {
    const cleaned = cleanPath(entry.linkName)
    if (cleaned === undefined) throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'a hard link that leads out of the directory')
    const directory = cleaned === '' ? undefined : this.#directories.find(parentPath(cleaned), entry)
    const target = directory && joinPath(directory.path, baseName(cleaned))
    const stats = target === undefined ? undefined : this.#directories.lstat(target)
    const isHidden = stats && this.#settings.whiteouts === 'overlay' && isOverlayWhiteout(stats)
    if (target === undefined || !stats || stats.isDirectory() || isHidden) {
      throw entryError('ERR_ARCHIVE_LINK_TARGET', entry, `a hard link to '${cleaned}', which is no file of this archive`)
    }
    return target
  }

  #makeDevice(parent: DirectoryNode, name: string, entry: TarEntry): boolean {
    const { special, devices, whiteouts } = this.#settings
    const isDevice = entry.type !== 'fifo'
    const isWhiteout = entry.type === 'character' && entry.major === 0 && entry.minor === 0 && whiteouts !== 'keep'
    // For overlayfs it would hide what lies below, and no one can open it anyway.
    if (isWhiteout) return this.#skip(entry, 'reserved')
    if (devices === 'skip' && (isDevice || !special)) return this.#skip(entry, 'asked')
    if (devices === 'refuse' && isDevice) throw entryError('ERR_ARCHIVE_DEVICE', entry, 'device nodes are not wanted')
    if (!special) throw entryError('ERR_ARCHIVE_SPECIAL_FILES', entry, 'devices and FIFOs need the `special` component')
    const typeBits = { character: constants.S_IFCHR, block: constants.S_IFBLK, fifo: constants.S_IFIFO }[entry.type as 'fifo']
    return this.#makeSpecial(parent, name, entry, (path) => {
      try {
        special.mknod(path, typeBits | 0o600, entry.major, entry.minor)
      } catch (error) {
        if (systemCodeOf(error) !== 'EPERM') throw error
        throw entryError('ERR_ARCHIVE_DEVICE', entry, 'device nodes can only be made by root', {
          cause: error,
          hint: 'In a user namespace nobody can: leave devices out, as Docker and Podman do there.',
        })
      }
    })
  }

  #skip(entry: TarEntry, reason: string): false {
    this.#settings.skipped.add(entry.name, 'device', reason)
    return false
  }

  /** Does it, if need be once more after what stands in the way is gone. */
  #clearing<Result>(parent: DirectoryNode, name: string, make: (inPlace: boolean) => Result): Result {
    try {
      return make(false)
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error
      return this.#clear(parent, name) ? make(false) : make(true)
    }
  }

  /** @returns false for a mounted file, which stays. @throws ERR_ARCHIVE_CONFLICT */
  #clear(parent: DirectoryNode, name: string): boolean {
    const { conflicts, isLive } = this.#settings
    const path = joinPath(parent.path, name)
    if (conflicts === 'refuse' && this.#directories.lstat(path)?.isDirectory())
      throw conflict({ name: fromLatin1(path) }, 'a directory is there')
    try {
      this.#directories.clear(parent, name)
      return true
    } catch (error) {
      if (!isLive || systemCodeOf(error) !== 'EBUSY' || !this.#directories.lstat(path)?.isFile()) throw error
      return false
    }
  }
}
