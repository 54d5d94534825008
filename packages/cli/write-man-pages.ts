/** Writes the man pages into dist/man, where the package has them: part of the build. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from './package.json' with { type: 'json' }
import { manPage, pageName, readReference, rootManPage } from './src/index.ts'

const directory = join(import.meta.dirname, 'dist/man')
const entries = await readReference()
mkdirSync(directory, { recursive: true })
writeFileSync(join(directory, 'podwright.1'), rootManPage(entries, manifest.version))
for (const entry of entries) writeFileSync(join(directory, `${pageName(entry)}.1`), manPage(entry, manifest.version))
