import type { FlagValues } from '../../command-line/flags.ts'
import { tuningFlags } from './flags.ts'

/** The values of those flags. */
export type TuningFlagValues = FlagValues<typeof tuningFlags>

/** Whether one of them was given. */
export function usesTuning(flags: TuningFlagValues): boolean {
  return Object.keys(tuningFlags).some((name) => {
    const value = flags[name as keyof TuningFlagValues]
    return Array.isArray(value) ? value.length > 0 : value !== undefined
  })
}
