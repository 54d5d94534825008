import type { EngineEntries } from './options.ts'

/** The entries of this package, from source or built. */
export function ownEntries(): EngineEntries {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const path = (name: string): string => new URL(`./${name}.${extension}`, import.meta.url).pathname
  return { worker: path('worker'), cleanup: path('cleanup'), keeper: path('keeper') }
}

/** What Node needs to run an entry: one in TypeScript is the workspace's source, whose packages lead to their own source by a condition. */
export function entryArguments(entry: string): readonly string[] {
  return entry.endsWith('.ts') ? ['-C', '@podwright/source', entry] : [entry]
}
