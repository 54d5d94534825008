import type { ContainerStats } from '@podwright/contracts'
import { readFileSync } from 'node:fs'

/** What a control group has used. A controller that isn't there has counted nothing. */
export type GroupUsage = Pick<ContainerStats, 'cpuNs' | 'memoryBytes' | 'pids' | 'block'> & {
  /** Undefined: no limit. */
  readonly memoryLimitBytes: number | undefined
}

/** The directories of a container's control group of v1, by controller. */
export type GroupDirectories = Readonly<Record<'cpuacct' | 'memory' | 'pids' | 'blkio', string | undefined>>

/** More than any machine has: v1 says so when there is no limit. */
const noLimit = 2 ** 60

/** Documentation/admin-guide/cgroup-v1: cpuacct.rst, memory.rst, pids.rst, blkio-controller.rst. */
export function readUsageV1({ cpuacct, memory, pids, blkio }: GroupDirectories): GroupUsage {
  const limit = number(memory, 'memory.limit_in_bytes')
  const recursive = read(blkio, 'blkio.throttle.io_service_bytes_recursive')
  const services = recursive === '' ? read(blkio, 'blkio.throttle.io_service_bytes') : recursive
  return {
    cpuNs: number(cpuacct, 'cpuacct.usage'),
    memoryBytes: inUse(number(memory, 'memory.usage_in_bytes'), field(read(memory, 'memory.stat'), 'total_inactive_file')),
    memoryLimitBytes: limit > 0 && limit < noLimit ? limit : undefined,
    pids: number(pids, 'pids.current'),
    block: { readBytes: sum(services, /^\d+:\d+ Read (\d+)$/gm), writtenBytes: sum(services, /^\d+:\d+ Write (\d+)$/gm) },
  }
}

/** Documentation/admin-guide/cgroup-v2.rst. */
export function readUsageV2(path: string): GroupUsage {
  const limit = read(path, 'memory.max').trim()
  const io = read(path, 'io.stat')
  return {
    cpuNs: field(read(path, 'cpu.stat'), 'usage_usec') * 1000,
    memoryBytes: inUse(number(path, 'memory.current'), field(read(path, 'memory.stat'), 'inactive_file')),
    memoryLimitBytes: /^\d+$/.test(limit) ? Number(limit) : undefined,
    pids: number(path, 'pids.current'),
    block: { readBytes: sum(io, /\brbytes=(\d+)/g), writtenBytes: sum(io, /\bwbytes=(\d+)/g) },
  }
}

function inUse(bytes: number, inactive: number): number {
  return inactive < bytes ? bytes - inactive : bytes
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, digits]) => total + Number(digits), 0)
}

function number(directory: string | undefined, name: string): number {
  return Number(read(directory, name).trim()) || 0
}

function read(directory: string | undefined, name: string): string {
  if (directory === undefined) return ''
  try {
    return readFileSync(`${directory}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
