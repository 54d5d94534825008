import type { FlagDefinitions } from '../../command-line/flags.ts'
import { healthFlags } from './health-flags.ts'

/** The flags of a health check of a container that is there: what is not given is not the default, but what it was. */
export const updateHealthFlags: typeof healthFlags = Object.fromEntries(
  Object.entries(healthFlags).map(([name, { defaultText: _default, ...flag }]: [string, FlagDefinitions[string]]) => [name, flag]),
) as typeof healthFlags
