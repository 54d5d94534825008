import type { PruneImagesOptions } from '@podwright/contracts'
import { groupFilters } from '../command-line/filters.ts'
import { parseMoment } from '../command-line/time-flag.ts'
import { CliError } from '../errors.ts'

/** What `image prune --filter` asks for. @throws CliError `ERR_CLI_FLAG_VALUE` */
export function pruneFilters(texts: readonly string[], now: number): PruneImagesOptions {
  const groups = groupFilters(texts)
  for (const name of groups.keys()) {
    if (!['until', 'label', 'label!'].includes(name)) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `unknown filter "${name}"`, { hint: 'The filters are until, label and label!.' })
    }
  }
  const moments = groups.get('until') ?? []
  return {
    ...(moments.length > 0 && { until: new Date(Math.min(...moments.map((text) => parseMoment('--filter until', text, now).getTime()))) }),
    labels: groups.get('label') ?? [],
    notLabels: groups.get('label!') ?? [],
  }
}
