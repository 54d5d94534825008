import type { EnginePaths } from '../paths.ts'

/** Names a keeper, by its pid and start, from when it is started until it holds its lock: others need not start one. */
export function keeperMark({ locks }: Pick<EnginePaths, 'locks'>): string {
  return `${locks}/keeper.starting`
}

/** Held by the keeper as long as it lives; touched by whoever has something new for it. One for each data root. */
export function keeperLock({ root }: Pick<EnginePaths, 'root'>): string {
  return `${root}/keeper.lock`
}
