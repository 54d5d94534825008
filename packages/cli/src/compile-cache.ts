/**
 * Where V8's code is kept for the next start: NODE_COMPILE_CACHE where that is set, else the user's cache directory; root has one of its own, so that
 * `sudo` leaves no files of root's among the user's. Undefined where nothing is to be kept.
 *
 * The directory is handed on in the environment, since processes of ours inside the user namespace are root there. In the syntax of Node 12, as all
 * that the entry holds.
 */
export function compileCacheDirectory(): string | undefined {
  const { env } = process
  if (env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return undefined
  if (env['NODE_COMPILE_CACHE'] === undefined) {
    const userCache = env['XDG_CACHE_HOME'] || (env['HOME'] ? env['HOME'] + '/.cache' : '')
    const cache = process.getuid && process.getuid() === 0 ? '/var/cache' : userCache
    if (cache === '') return undefined
    env['NODE_COMPILE_CACHE'] = cache + '/podwright/node'
  }
  return env['NODE_COMPILE_CACHE']
}

/** Has Node keep what it compiles as it loads modules. */
export function enableCompileCache(): void {
  const directory = compileCacheDirectory()
  if (directory !== undefined) process.getBuiltinModule('node:module').enableCompileCache(directory)
}
