/**
 * Loads the files of the command's bundle, with the code that V8 made of them when the same command ran before.
 *
 * Node's own compile cache keeps a file as it was when it had been loaded: with hardly a function compiled, and a `run` goes through 600. This one keeps it as it was
 * when a command had ended well, one for each command. It is written once, at that end.
 *
 * The bundle is CommonJS, and its files import each other by name and without a directory. In the syntax of Node 12, as all that the entry holds.
 */
import type { Script } from 'node:vm'

/** What is `require`d: the bundle's files by `./NAME`, anything else as Node does it. */
type Require = (id: string) => unknown

/** A file of the bundle, from when it begins to be loaded. */
interface Chunk {
  exports: unknown
}

/** CommonJS's wrapper. */
const opening = '(function (exports, require, module, __filename, __dirname) {'
const closing = '\n})'

/** The versions of the command whose code lies in a directory before it is emptied. */
const mostVersions = 4

/**
 * Has all files beside `entry` be loaded this way from now on.
 *
 * @param entry absolute path of the bundle's entry, which is loaded already
 * @param cache absolute path of a directory that belongs to the user; made when there is something to keep
 * @param args the command line, which names the command
 */
export function loadChunks(entry: string, cache: string, args: readonly string[]): void {
  const { _extensions: extensions } = process.getBuiltinModule('node:module') as unknown as {
    readonly _extensions: Record<string, (module: Chunk & { require: Require }, path: string) => void>
  }
  const directory = entry.slice(0, entry.lastIndexOf('/') + 1)
  const original = extensions['.js']!
  const loader = createLoader(directory, cache + '/' + process.version + '-' + process.arch + '/' + commandName(args))
  extensions['.js'] = (module, path) => {
    if (path.slice(0, path.lastIndexOf('/') + 1) !== directory) original(module, path)
    else loader.run(module, path.slice(directory.length), (id) => module.require(id))
  }
  process.on('exit', (code) => {
    if (code === 0) loader.keep()
  })
}

/** The first word that can be one; code of others' commands would lack what this one uses. */
function commandName(args: readonly string[]): string {
  return args.find((word) => /^[a-z][a-z-]{1,20}$/.test(word)) || 'other'
}

interface ChunkLoader {
  /** Loads a file of the bundle into `chunk`. */
  run(chunk: Chunk, name: string, requireOther: Require): void
  /** Keeps the code of what was loaded and wasn't kept yet. Nobody misses what can't be written. */
  keep(): void
}

/**
 * @param directory of the bundle; ends with a slash
 * @param cache without one
 */
function createLoader(directory: string, cache: string): ChunkLoader {
  const fs = process.getBuiltinModule('node:fs')
  const vm = process.getBuiltinModule('node:vm')
  const chunks = new Map<string, Chunk>()
  const fresh = new Map<string, Script>()

  function run(chunk: Chunk, name: string, requireOther: Require): void {
    chunks.set(name, chunk)
    const path = directory + name
    const cachedData = read(name)
    const source = opening + fs.readFileSync(path, 'utf8') + closing
    const script = new vm.Script(source, { filename: path, columnOffset: -opening.length, cachedData })
    // By another version of V8, or with other flags.
    if (cachedData === undefined || script.cachedDataRejected === true) fresh.set(name, script)
    const load: Require = (id) => (id.startsWith('./') ? requireChunk(id.slice(2), requireOther) : requireOther(id))
    const body = script.runInThisContext() as (...args: readonly unknown[]) => void
    body.call(chunk.exports, chunk.exports, load, chunk, path, directory.slice(0, -1))
  }

  function requireChunk(name: string, requireOther: Require): unknown {
    const known = chunks.get(name)
    if (known !== undefined) return known.exports
    const chunk: Chunk = { exports: {} }
    run(chunk, name, requireOther)
    return chunk.exports
  }

  function read(name: string): Buffer | undefined {
    try {
      return fs.readFileSync(cache + '/' + name)
    } catch {
      return undefined
    }
  }

  function keep(): void {
    if (fresh.size === 0) return
    try {
      makeRoom()
      fresh.forEach((script, name) => write(cache + '/' + name, script.createCachedData()))
    } catch {
      // A full disk, a read-only one, a directory of somebody else's.
    }
  }

  function makeRoom(): void {
    fs.mkdirSync(cache, { recursive: true, mode: 0o700 })
    if (fs.readdirSync(cache).length < mostVersions * chunks.size) return
    fs.rmSync(cache, { recursive: true })
    fs.mkdirSync(cache, { mode: 0o700 })
  }

  /** Whole or not at all, also when the machine's power goes: V8 believes what it reads. */
  function write(path: string, data: Buffer): void {
    const part = path + '.' + process.pid
    try {
      const file = fs.openSync(part, 'w', 0o600)
      fs.writeSync(file, data)
      fs.fdatasyncSync(file)
      fs.closeSync(file)
      fs.renameSync(part, path)
    } catch (error) {
      fs.rmSync(part, { force: true })
      throw error
    }
  }

  return { run, keep }
}
