import type { ContainerProcess } from '@podwright/contracts'
import { commandOf, cpuPercent, kib, type ProcessColumn, terminalOf } from './process-columns.ts'

const columns: Readonly<Record<string, ProcessColumn>> = {
  '%cpu': { title: '%CPU', value: (process) => cpuPercent(process).toFixed(1) },
  '%mem': { title: '%MEM', value: ({ memoryShare }) => (memoryShare * 100).toFixed(1) },
  args: { title: 'COMMAND', value: commandOf },
  c: { title: 'C', value: (process) => Math.trunc(cpuPercent(process)) },
  cmd: { title: 'CMD', value: commandOf },
  comm: { title: 'COMMAND', value: ({ command }) => command },
  egid: { title: 'EGID', value: ({ group }) => group.id },
  egroup: { title: 'EGROUP', value: ({ group }) => group.name },
  etime: { title: 'ELAPSED', value: ({ elapsedMs }) => clockTime(elapsedMs, 'minutes') },
  etimes: { title: 'ELAPSED', value: ({ elapsedMs }) => Math.trunc(elapsedMs / 1000) },
  euid: { title: 'EUID', value: ({ user }) => user.id },
  euser: { title: 'EUSER', value: ({ user }) => user.name },
  lstart: { title: 'STARTED', value: ({ startedAt }) => longStart(startedAt) },
  ni: { title: 'NI', value: ({ nice }) => nice },
  nlwp: { title: 'NLWP', value: ({ threads }) => threads },
  pgid: { title: 'PGID', value: ({ processGroup }) => processGroup },
  pid: { title: 'PID', value: ({ pid }) => pid },
  ppid: { title: 'PPID', value: ({ parentPid }) => parentPid },
  pri: { title: 'PRI', value: ({ priority }) => 39 - priority },
  rgid: { title: 'RGID', value: ({ realGroup }) => realGroup.id },
  rgroup: { title: 'RGROUP', value: ({ realGroup }) => realGroup.name },
  rss: { title: 'RSS', value: ({ residentBytes }) => kib(residentBytes) },
  ruid: { title: 'RUID', value: ({ realUser }) => realUser.id },
  ruser: { title: 'RUSER', value: ({ realUser }) => realUser.name },
  s: { title: 'S', value: ({ state }) => state },
  sid: { title: 'SID', value: ({ session }) => session },
  stat: { title: 'STAT', value: statOf },
  start: { title: 'START', value: ({ startedAt, elapsedMs }) => shortStart(startedAt, elapsedMs) },
  stime: { title: 'STIME', value: ({ startedAt, elapsedMs }) => shortStart(startedAt, elapsedMs) },
  time: { title: 'TIME', value: ({ cpuMs }) => clockTime(cpuMs, 'hours') },
  tty: { title: 'TTY', value: terminalOf },
  uid: { title: 'UID', value: ({ user }) => user.id },
  user: { title: 'USER', value: ({ user }) => user.name },
  vsz: { title: 'VSZ', value: ({ virtualBytes }) => kib(virtualBytes) },
}

const sameAs: Readonly<Record<string, string>> = {
  command: 'args',
  cputime: 'time',
  gid: 'egid',
  group: 'egroup',
  nice: 'ni',
  pcpu: '%cpu',
  pgrp: 'pgid',
  pmem: '%mem',
  rssize: 'rss',
  rsz: 'rss',
  sess: 'sid',
  start_time: 'stime',
  state: 's',
  thcount: 'nlwp',
  tname: 'tty',
  tt: 'tty',
  ucmd: 'comm',
  ucomm: 'comm',
  uname: 'user',
  vsize: 'vsz',
}

/** A column of ps(1) by its keyword; undefined when there is none here. */
export function psColumn(keyword: string): ProcessColumn | undefined {
  const name = Object.hasOwn(sameAs, keyword) ? (sameAs[keyword] ?? '') : keyword
  return Object.hasOwn(columns, name) ? columns[name] : undefined
}

/** `-f` and `-ef`, `u` and `aux`, `-e`. */
export const psSets: Readonly<Record<'full' | 'user' | 'short', readonly ProcessColumn[]>> = {
  full: [{ title: 'UID', value: ({ user }) => user.name }, ...chosen('pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd')],
  user: chosen('user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'start', 'time', 'args'),
  short: [...chosen('pid', 'tty', 'time'), { title: 'CMD', value: ({ command }) => command }],
}

function chosen(...names: readonly string[]): readonly ProcessColumn[] {
  return names.flatMap((name) => columns[name] ?? [])
}

/** `[[DD-]HH:]MM:SS`, or with the hours always. */
function clockTime(milliseconds: number, from: 'hours' | 'minutes'): string {
  const seconds = Math.trunc(milliseconds / 1000)
  const [days, hours, minutes] = [Math.trunc(seconds / 86_400), Math.trunc(seconds / 3600) % 24, Math.trunc(seconds / 60) % 60]
  const end = `${twoDigits(minutes)}:${twoDigits(seconds % 60)}`
  if (days > 0) return `${days}-${twoDigits(hours)}:${end}`
  return hours > 0 || from === 'hours' ? `${twoDigits(hours)}:${end}` : end
}

function shortStart(startedAt: Date, elapsedMs: number): string {
  if (elapsedMs < 86_400_000) return `${twoDigits(startedAt.getHours())}:${twoDigits(startedAt.getMinutes())}`
  return startedAt.toDateString().slice(4, 10).replace(' ', '')
}

/** As ctime(3): `Sat Jan 31 12:00:00 2026`. */
function longStart(startedAt: Date): string {
  const date = startedAt.toDateString()
  return `${date.slice(0, 10)} ${startedAt.toTimeString().slice(0, 8)} ${date.slice(11)}`
}

function statOf({ state, nice, session, pid, threads }: ContainerProcess): string {
  return `${state}${nice < 0 ? '<' : nice > 0 ? 'N' : ''}${session === pid ? 's' : ''}${threads > 1 ? 'l' : ''}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
