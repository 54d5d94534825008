import { constants } from 'node:os'
import { RuntimeError } from './errors.ts'

/** glibc's and musl's lowest real-time signal that programs may use (signal(7)). */
const realtimeMin = 34
const realtimeMax = 64

const numbers: Readonly<Record<string, number>> = constants.signals

/**
 * The number of `SIGTERM`, `TERM`, `term`, `15`, `RTMIN+3`, `SIGRTMAX-2`.
 *
 * @throws `ERR_SIGNAL_UNKNOWN`
 */
export function parseSignal(signal: string | number): number {
  const text = String(signal).trim().toUpperCase()
  const number = /^\d+$/.test(text) ? Number(text) : numberOfName(text.replace(/^SIG/, ''))
  if (number === undefined || number < 1 || number > realtimeMax) {
    throw new RuntimeError('ERR_SIGNAL_UNKNOWN', `${JSON.stringify(String(signal))} is not a signal`, {
      hint: `Give a name such as SIGTERM or RTMIN+3, or a number from 1 to ${realtimeMax}.`,
      details: { signal: String(signal) },
    })
  }
  return number
}

/** `SIGTERM` for 15, `SIGRTMIN+3` for 37. @throws `ERR_SIGNAL_UNKNOWN` */
export function signalName(number: number): string {
  for (const [name, value] of Object.entries(numbers)) if (value === number) return name
  if (number >= realtimeMin && number <= realtimeMax) return number === realtimeMin ? 'SIGRTMIN' : `SIGRTMIN+${number - realtimeMin}`
  throw new RuntimeError('ERR_SIGNAL_UNKNOWN', `${number} is not the number of a signal`, { details: { signal: number } })
}

function numberOfName(name: string): number | undefined {
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  if (!realtime) return numbers[`SIG${name}`]
  const offset = Number(realtime[3] ?? 0) * (realtime[2] === '-' ? -1 : 1)
  const number = (realtime[1] === 'MIN' ? realtimeMin : realtimeMax) + offset
  return number >= realtimeMin ? number : undefined
}
