import type { ContainerState } from '@podwright/contracts'
import { humanAge, humanDuration } from './duration.ts'

/** The STATUS column: `Up 3 minutes`, `Exited (0) 2 hours ago`, `Created`. */
export function containerStatus(state: ContainerState, now: number): string {
  if (state.restartAt !== undefined) return exited('Restarting', state, now)
  switch (state.status) {
    case 'created':
      return 'Created'
    case 'initialized':
      return 'Initialized'
    case 'running':
      return upSince(state, now)
    case 'paused':
      return `${upSince(state, now)} (Paused)`
    case 'stopping':
      return 'Stopping'
    case 'removing':
      return 'Removing'
    case 'exited':
      return exited('Exited', state, now)
  }
}

/** docker's word for one that has ended and is about to be started again. */
export function shownStatus({ status, restartAt }: ContainerState): string {
  return restartAt === undefined ? status : 'restarting'
}

function upSince({ startedAt, health }: ContainerState, now: number): string {
  const up = startedAt === undefined ? 'Up' : `Up ${humanDuration(now - startedAt.getTime())}`
  return health === undefined ? up : `${up} (${healthWords[health.status]})`
}

/** docker's. */
const healthWords = { starting: 'health: starting', healthy: 'healthy', unhealthy: 'unhealthy' } as const

function exited(word: string, { exitCode, finishedAt }: ContainerState, now: number): string {
  const code = exitCode === undefined || exitCode < 0 ? 'unknown' : String(exitCode)
  return `${word} (${code})${finishedAt === undefined ? '' : ` ${humanAge(finishedAt, now)}`}`
}
