import { readFileSync } from 'node:fs'

/** A resource limit; Infinity for none. */
export interface LimitFacts {
  readonly soft: number
  readonly hard: number
}

/** The lines of /proc/PID/limits, and the names that setrlimit(2) and the runtime specification give them, in lower case. */
const limitNames: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
}

/** The resource limits of a process by name (`nofile`); empty when it is gone. Never throws. */
export function readLimits(pid: number | 'self' = 'self'): ReadonlyMap<string, LimitFacts> {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/limits`, 'utf8')
  } catch {
    return new Map()
  }
  return parseLimits(text)
}

/** Parses the text of a limits file. */
export function parseLimits(text: string): ReadonlyMap<string, LimitFacts> {
  const limits = new Map<string, LimitFacts>()
  for (const line of text.split('\n')) {
    const match = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line)
    const name = limitNames[match?.[1] ?? '']
    if (name !== undefined) limits.set(name, { soft: amount(match?.[2]), hard: amount(match?.[3]) })
  }
  return limits
}

function amount(word: string | undefined): number {
  return word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word)
}
