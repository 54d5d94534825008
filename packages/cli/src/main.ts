#!/usr/bin/env -S node --
/*
 * The entry of the command. It is kept in syntax and calls that an old Node understands, so that it can say that it is too old; and it imports
 * nothing, so that --version costs what Node costs.
 *
 * The -- above ends Node's own flags: it would look for --env-file behind the script's name, too.
 */
import manifest from '../package.json' with { type: 'json' }
import { loadChunks } from './chunk-loader.ts'
import { compileCacheDirectory } from './compile-cache.ts'

const needed = [22, 18]
const running = process.versions.node.split('.').map(Number)

if (Number(running[0]) < Number(needed[0]) || (running[0] === needed[0] && Number(running[1]) < Number(needed[1]))) {
  process.stderr.write(
    'podwright needs Node.js ' + needed.join('.') + ' or later; this is ' + process.versions.node + ' (' + process.execPath + ')\n',
  )
  process.exitCode = 125
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  process.getBuiltinModule('node:fs').writeSync(1, 'podwright version ' + manifest.version + '\n')
} else {
  // Without a listener, SIGUSR1 opens Node's inspector.
  process.on('SIGUSR1', () => {})
  const cache = compileCacheDirectory()
  // From source, it is an ES module.
  if (cache !== undefined && import.meta.filename.endsWith('.js')) loadChunks(import.meta.filename, cache, process.argv.slice(2))
  void import('./process.ts').then((program) => program.runProcess(manifest.version))
}
