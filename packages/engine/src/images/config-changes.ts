import type { ImageConfig, ImageRunConfig } from '@podwright/oci'
import { posix } from 'node:path'
import { EngineError } from '../errors.ts'
import { parseHealthCheck } from './health-check.ts'
import { splitPairs, splitWords } from './instruction-words.ts'

type Change = (config: ImageRunConfig, rest: string) => ImageRunConfig

const changes: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => ({ ...config, Cmd: commandOf(rest) }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: commandOf(rest) }),
  ENV: (config, rest) => ({ ...config, Env: withVariables(config.Env ?? [], splitPairs(rest)) }),
  EXPOSE: (config, rest) => ({ ...config, ExposedPorts: withKeys(config.ExposedPorts, splitWords(rest).map(portOf)) }),
  HEALTHCHECK: (config, rest) => ({ ...config, Healthcheck: parseHealthCheck(rest) }),
  LABEL: (config, rest) => ({ ...config, Labels: { ...config.Labels, ...Object.fromEntries(splitPairs(rest)) } }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), rest] }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: one(rest) }),
  USER: (config, rest) => ({ ...config, User: one(rest) }),
  VOLUME: (config, rest) => ({ ...config, Volumes: withKeys(config.Volumes, listOf(rest)) }),
  WORKDIR: (config, rest) => ({ ...config, WorkingDir: posix.resolve('/', config.WorkingDir ?? '/', one(rest)) }),
}

/**
 * What instructions of a Containerfile make of a config, as `commit --change` and `import --change` have them: `CMD ["sh"]`, `ENV A=b`; `CMD=sh`, too.
 *
 * @throws `ERR_IMAGE_CHANGE_INVALID`
 */
export function configChanges(instructions: readonly string[]): (config: ImageConfig) => ImageConfig {
  const parsed = instructions.map(parseInstruction)
  return (config) => ({ ...config, config: parsed.reduce((changed, { change, rest }) => change(changed, rest), config.config ?? {}) })
}

function parseInstruction(text: string): { readonly change: Change; readonly rest: string } {
  const [, word = '', rest = ''] = /^\s*([A-Za-z]+)(?:[\s=]+(.*))?$/s.exec(text) ?? []
  const change = changes[word.toUpperCase()]
  if (change === undefined || !Object.hasOwn(changes, word.toUpperCase()))
    throw invalid(text, 'it is none of the instructions that a config knows')
  try {
    // What is wrong with its words is found now, before anything is made.
    change({}, rest.trim())
  } catch (error) {
    throw invalid(text, error instanceof SyntaxError ? error.message : String(error))
  }
  return { change, rest: rest.trim() }
}

function invalid(text: string, reason: string): EngineError {
  return new EngineError('ERR_IMAGE_CHANGE_INVALID', `cannot apply the change "${text}": ${reason}`, {
    hint: `Instructions are ${Object.keys(changes).join(', ')}.`,
    details: { change: text },
  })
}

/** `["sh", "-c"]`, or a line for a shell. */
function commandOf(rest: string): string[] {
  return jsonWords(rest) ?? (rest === '' ? [] : ['/bin/sh', '-c', rest])
}

/** `["/a", "/b"]`, or words. */
function listOf(rest: string): string[] {
  const list = jsonWords(rest) ?? splitWords(rest)
  if (list.length === 0 || list.includes('')) throw new SyntaxError('it names nothing')
  return list
}

/** Undefined for what is no JSON array of strings: it is meant as it stands, as in a Containerfile. */
function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

function one(rest: string): string {
  const [word, ...others] = splitWords(rest)
  if (word === undefined || word === '' || others.length > 0) throw new SyntaxError('it wants one word')
  return word
}

function portOf(text: string): string {
  const [, port, protocol = 'tcp'] = /^(\d{1,5}(?:-\d{1,5})?)(?:\/(tcp|udp|sctp))?$/.exec(text) ?? []
  if (port === undefined || port.split('-').some((number) => Number(number) > 65_535)) throw new SyntaxError(`"${text}" is no port`)
  return `${port}/${protocol}`
}

function withKeys(current: Readonly<Record<string, object>> | undefined, keys: readonly string[]): Record<string, object> {
  if (keys.length === 0) throw new SyntaxError('it names nothing')
  return { ...current, ...Object.fromEntries(keys.map((key) => [key, {}])) }
}

function withVariables(current: readonly string[], pairs: readonly (readonly [string, string])[]): string[] {
  const variables = new Map(current.map((text) => [text.split('=', 1)[0] ?? '', text]))
  for (const [name, value] of pairs) variables.set(name, `${name}=${value}`)
  return [...variables.values()]
}
