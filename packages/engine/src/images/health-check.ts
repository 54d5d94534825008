import type { HealthcheckConfig } from '@podwright/oci'
import { splitWords } from './instruction-words.ts'

type HealthCheck = HealthcheckConfig

const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

const durations: Readonly<Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
}

/**
 * Reads `NONE`, or `[--interval=30s] [--timeout=…] [--start-period=…] [--start-interval=…] [--retries=3] CMD …` (Dockerfile reference, HEALTHCHECK).
 *
 * @throws SyntaxError
 */
export function parseHealthCheck(text: string): HealthCheck {
  let rest = text
  let options: Partial<HealthCheck> = {}
  for (let match = optionOf(rest); match !== null; match = optionOf(rest)) {
    const [whole, name = '', value = ''] = match
    options = { ...options, ...readOption(name, value) }
    rest = rest.slice(whole.length)
  }
  const [, word = '', command = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? []
  if (word.toUpperCase() === 'NONE' && command === '') return { Test: ['NONE'] }
  if (word.toUpperCase() !== 'CMD' || command === '') throw new SyntaxError('it is neither NONE nor CMD and a command')
  return { Test: testOf(command), ...options }
}

function optionOf(text: string): RegExpExecArray | null {
  return /^--([a-z-]+)=(\S+)\s+/.exec(text)
}

function readOption(name: string, value: string): Partial<HealthCheck> {
  if (name === 'retries' && /^\d{1,6}$/.test(value)) return { Retries: Number(value) }
  const key = Object.hasOwn(durations, name) ? durations[name] : undefined
  if (key === undefined) throw new SyntaxError(`there is no --${name}=${value}`)
  return { [key]: durationOf(value) }
}

/** `1m30s`, in nanoseconds. */
function durationOf(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) throw new SyntaxError(`"${text}" is no time such as 1m30s`)
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  return Math.round(parts.reduce((sum, [, number, unit]) => sum + Number(number) * (nanoseconds[unit ?? ''] ?? 0), 0))
}

function testOf(command: string): string[] {
  if (!command.startsWith('[')) return ['CMD-SHELL', command]
  try {
    const words: unknown = JSON.parse(command)
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return ['CMD', ...words]
  } catch {
    // It is meant for a shell.
  }
  return ['CMD-SHELL', splitWords(command).join(' ')]
}
