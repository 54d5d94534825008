import type { Volume } from '@podwright/contracts'
import { type FilterTests, hasLabels, parseFilters } from '../command-line/filters.ts'
import { parseMoment } from '../command-line/time-flag.ts'
import { CliError } from '../errors.ts'

/** What filters refer to. */
export interface VolumeFilterContext {
  readonly all: readonly Volume[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * The test that `--filter` of `volume ls` and `volume prune` asks for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function volumeFilter(texts: readonly string[], context: VolumeFilterContext): (volume: Volume) => boolean {
  return parseFilters(texts, volumeTests(context))
}

function volumeTests({ all, now }: VolumeFilterContext): FilterTests<Volume> {
  const createdAt = (name: string): number => referred(all, name).createdAt.getTime()
  const newer = (values: readonly string[]): ((volume: Volume) => boolean) => {
    const moments = values.map(createdAt)
    return (volume) => moments.some((moment) => volume.createdAt.getTime() > moment)
  }
  return {
    name: (values) => {
      const patterns = values.map(namePattern)
      return ({ name }) => patterns.some((pattern) => pattern.test(name))
    },
    driver:
      (values) =>
      ({ driver }) =>
        values.includes(driver),
    scope:
      (values) =>
      ({ scope }) =>
        values.includes(scope),
    label:
      (values) =>
      ({ labels }) =>
        hasLabels(labels, values),
    'label!':
      (values) =>
      ({ labels }) =>
        !values.some((value) => hasLabels(labels, [value])),
    opt:
      (values) =>
      ({ options }) =>
        hasLabels(options, values),
    dangling: (values) => booleanTest('dangling', values, ({ holders }) => holders.length === 0),
    anonymous: (values) => booleanTest('anonymous', values, ({ anonymous }) => anonymous),
    until: (values) => {
      const moment = Math.min(...values.map((text) => parseMoment('--filter until', text, now).getTime()))
      return (volume) => volume.createdAt.getTime() < moment
    },
    before: (values) => {
      const moments = values.map(createdAt)
      return (volume) => moments.some((moment) => volume.createdAt.getTime() < moment)
    },
    after: newer,
    since: newer,
  }
}

function booleanTest(name: string, values: readonly string[], test: (volume: Volume) => boolean): (volume: Volume) => boolean {
  const wanted = values.map((text) => {
    if (/^(true|1|t)$/i.test(text)) return true
    if (/^(false|0|f)$/i.test(text)) return false
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" in --filter ${name}: it is true or false`)
  })
  return (volume) => wanted.includes(test(volume))
}

/** A regular expression, as in docker and podman; a text that is none is looked for as it is. */
function namePattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  }
}

function referred(all: readonly Volume[], name: string): Volume {
  const found = all.find((volume) => volume.name === name)
  if (found !== undefined) return found
  throw new CliError('ERR_CLI_FLAG_VALUE', `cannot filter by volume "${name}": there is none of that name`)
}
