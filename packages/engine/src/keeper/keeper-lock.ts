import type { EnginePaths } from '../paths.ts'

/** Held by the keeper as long as it lives; touched by whoever has something new for it. One for each data root. */
export function keeperLock({ root }: Pick<EnginePaths, 'root'>): string {
  return `${root}/keeper.lock`
}
