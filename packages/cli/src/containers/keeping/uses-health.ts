import type { FlagValues } from '../../command-line/flags.ts'
import { healthFlags } from './health-flags.ts'

/** Whether anything was said of a health check. */
export function usesHealth(flags: FlagValues<typeof healthFlags>): boolean {
  return Object.keys(healthFlags).some((name) => flags[name as keyof typeof healthFlags] !== undefined)
}
