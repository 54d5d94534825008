import { CliError } from '../errors.ts'

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a moment: how long ago (`42m`, `1h30m`), seconds since the epoch (`1700000000.5`), or a date (`2026-01-31`, `2026-01-31T10:00:00Z`; local
 * time without a zone).
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function parseMoment(flag: string, text: string, now: number): Date {
  const milliseconds = agoOf(text, now) ?? epochOf(text) ?? dateOf(text)
  if (milliseconds !== undefined && !Number.isNaN(milliseconds)) return new Date(milliseconds)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${flag}: it is no moment`, {
    hint: 'Write how long ago (10m, 1h30m), seconds since 1970, or a date: 2026-01-31T10:00:00Z',
  })
}

/**
 * As `parseMoment`, of what may be to come: with a sign, a duration is from now on (`+10m`).
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function parseFuture(flag: string, text: string, now: number): Date {
  const ahead = text.startsWith('+') ? durationOf(text.slice(1)) : undefined
  return ahead === undefined ? parseMoment(flag, text, now) : new Date(now + ahead)
}

/** A duration as Go writes it (`250ms`, `1h30m`), and days, in milliseconds; undefined when it is none. */
export function durationOf(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined
  let sum = 0
  for (const [, amount = '', , unit = ''] of text.matchAll(/(\d+(\.\d+)?)(ms|[smhd])/g)) sum += Number(amount) * (unitMs[unit] ?? 0)
  return sum
}

function agoOf(text: string, now: number): number | undefined {
  const ago = durationOf(text)
  return ago === undefined ? undefined : now - ago
}

function epochOf(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined
}

function dateOf(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  if (match === null) return undefined
  const [, day = '', time = '00:00', zone = ''] = match
  return Date.parse(`${day}T${time.length === 2 ? `${time}:00` : time}${zone}`)
}
