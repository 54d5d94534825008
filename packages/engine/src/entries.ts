import type { EngineEntries } from './options.ts'

/** The entries of this package, from source or built. */
export function ownEntries(): EngineEntries {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const path = (name: string): string => new URL(`./${name}.${extension}`, import.meta.url).pathname
  return { worker: path('worker'), cleanup: path('cleanup') }
}

/** What Node needs to find the workspace's source, when this process runs from it. */
export function sourceCondition(): readonly string[] {
  return process.execArgv.filter(
    (argument, index, all) => argument === '-C' || all[index - 1] === '-C' || argument.startsWith('--conditions='),
  )
}
