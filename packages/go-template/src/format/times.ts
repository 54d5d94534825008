/** A moment as Go prints a time.Time in UTC: `2026-01-31 10:00:00.5 +0000 UTC`. */
export function timeText(date: Date): string {
  if (Number.isNaN(date.getTime())) return '0001-01-01 00:00:00 +0000 UTC'
  const [day = '', rest = ''] = date.toISOString().split('T')
  const milliseconds = rest.slice(8, 12).replace(/\.?0+$/, '')
  return `${day} ${rest.slice(0, 8)}${milliseconds} +0000 UTC`
}
