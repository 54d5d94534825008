/**
 * Has V8 keep what it compiles, for the next start. In NODE_COMPILE_CACHE where that is set, else in the user's cache directory; root has one of its
 * own, so that `sudo` leaves no files of root's among the user's. Where nothing can be written, nothing is kept.
 *
 * The directory is handed on in the environment, since processes of ours inside the user namespace are root there. In the syntax of Node 12, as all
 * that the entry holds.
 */
export function enableCompileCache(): void {
  const { env } = process
  if (env['NODE_COMPILE_CACHE'] === undefined) {
    const userCache = env['XDG_CACHE_HOME'] || (env['HOME'] ? env['HOME'] + '/.cache' : '')
    const cache = process.getuid && process.getuid() === 0 ? '/var/cache' : userCache
    if (cache === '') return
    env['NODE_COMPILE_CACHE'] = cache + '/podwright/node'
  }
  process.getBuiltinModule('node:module').enableCompileCache(env['NODE_COMPILE_CACHE'])
}
