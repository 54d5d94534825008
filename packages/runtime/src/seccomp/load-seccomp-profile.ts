import { messageOf } from '@podwright/conventions'
import { RuntimeError } from '../errors.ts'
import type { SeccompProfile } from './seccomp-profile.ts'

/** Options of `loadSeccompProfile`. */
export interface LoadSeccompOptions {
  /** A privileged container has no default profile. @default false */
  readonly privileged?: boolean | undefined
}

/**
 * The seccomp profile of that name.
 *
 * @param name `unconfined`: undefined is returned; a path: that file; none or `default`: the default profile, or none when `privileged`.
 * @throws `ERR_SECCOMP_PROFILE`
 */
export async function loadSeccompProfile(
  name: string | undefined = 'default',
  options: LoadSeccompOptions = {},
): Promise<SeccompProfile | undefined> {
  if (name === 'unconfined') return undefined
  if (name === '' || name === 'default') {
    if (options.privileged) return undefined
    const { defaultProfile } = await import('./default-profile.ts')
    return defaultProfile()
  }
  const { readFile } = await import('node:fs/promises')
  try {
    return parseSeccompProfile(JSON.parse(await readFile(name, 'utf8')))
  } catch (error) {
    throw new RuntimeError('ERR_SECCOMP_PROFILE', `cannot use the seccomp profile ${name}: ${messageOf(error)}`, {
      cause: error,
      hint: `Give the path of a profile in the form of docker's seccomp.json, or "unconfined".`,
      details: { path: name },
    })
  }
}

/** Validates a profile’s parsed JSON, in docker’s form or the runtime-spec’s. @throws `ERR_SECCOMP_PROFILE` */
export function parseSeccompProfile(value: unknown): SeccompProfile {
  const profile = record(value, 'the profile')
  const archMap = optional(profile['archMap'], (map) => list(map, 'archMap').map(parseArchitecture))
  const architectures = optional(profile['architectures'], (names) => strings(names, 'architectures'))
  if (archMap !== undefined && architectures !== undefined && architectures.length > 0) {
    throw invalid('architectures and archMap can not be used together')
  }
  return {
    defaultAction: action(profile['defaultAction'], 'defaultAction'),
    defaultErrnoRet: optional(profile['defaultErrnoRet'], (errno) => natural(errno, 'defaultErrnoRet')),
    architectures,
    archMap,
    flags: optional(profile['flags'], (flags) => strings(flags, 'flags')),
    rules: list(profile['syscalls'] ?? [], 'syscalls').map(parseRule),
  }
}

function parseArchitecture(value: unknown): { architecture: string; subArchitectures: readonly string[] } {
  const line = record(value, 'a line of archMap')
  return {
    architecture: string(line['architecture'], 'archMap.architecture'),
    subArchitectures: strings(line['subArchitectures'] ?? [], 'archMap.subArchitectures'),
  }
}

function parseRule(value: unknown): SeccompProfile['rules'][number] {
  const rule = record(value, 'a rule')
  const names = optional(rule['names'], (all) => strings(all, 'names')) ?? []
  const name = optional(rule['name'], (one) => string(one, 'name'))
  if (name !== undefined && name !== '' && names.length > 0) throw invalid('a rule has both name and names')
  const all = name === undefined || name === '' ? names : [name]
  if (all.length === 0) throw invalid('a rule names no system call')
  return {
    names: all,
    action: action(rule['action'], 'action'),
    errnoRet: optional(rule['errnoRet'], (errno) => natural(errno, 'errnoRet')),
    args: optional(rule['args'], (args) => list(args, 'args').map(parseArgument)),
    includes: optional(rule['includes'], parseCondition),
    excludes: optional(rule['excludes'], parseCondition),
  }
}

function parseArgument(value: unknown): { index: number; value: number; valueTwo: number | undefined; op: string } {
  const argument = record(value, 'an argument')
  const op = string(argument['op'], 'op')
  if (!/^SCMP_CMP_[A-Z_]+$/.test(op)) throw invalid(`${JSON.stringify(op)} is not a comparison`)
  return {
    index: natural(argument['index'], 'index'),
    value: natural(argument['value'], 'value'),
    valueTwo: optional(argument['valueTwo'], (two) => natural(two, 'valueTwo')),
    op,
  }
}

function parseCondition(value: unknown): { caps?: readonly string[]; arches?: readonly string[]; minKernel?: string } {
  const condition = record(value, 'includes or excludes')
  const caps = optional(condition['caps'], (names) => strings(names, 'caps'))
  const arches = optional(condition['arches'], (names) => strings(names, 'arches'))
  const minKernel = optional(condition['minKernel'], (text) => string(text, 'minKernel'))
  if (minKernel !== undefined && !/^\d+\.\d+/.test(minKernel)) throw invalid(`minKernel ${JSON.stringify(minKernel)} is not a version`)
  return { ...(caps && { caps }), ...(arches && { arches }), ...(minKernel !== undefined && { minKernel }) }
}

function action(value: unknown, what: string): string {
  const text = string(value, what)
  if (!/^SCMP_ACT_(ALLOW|ERRNO|KILL|KILL_PROCESS|KILL_THREAD|LOG|NOTIFY|TRACE|TRAP)$/.test(text)) {
    throw invalid(`${what} ${JSON.stringify(text)} is not an action`)
  }
  return text
}

/** Absent and null mean the same, as Go's decoder has it. */
function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : parse(value)
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid(`${what} is not an object`)
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalid(`${what} is not a list`)
}

function strings(value: unknown, what: string): readonly string[] {
  return list(value, what).map((item) => string(item, what))
}

function string(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw invalid(`${what} is not text`)
}

function natural(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw invalid(`${what} is not a whole number`)
}

function invalid(reason: string): RuntimeError {
  return new RuntimeError('ERR_SECCOMP_PROFILE', `the seccomp profile is not valid: ${reason}`)
}
