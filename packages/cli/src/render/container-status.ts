import type { ContainerState } from '@podwright/contracts'
import { humanAge, humanDuration } from './duration.ts'

/** The STATUS column: `Up 3 minutes`, `Exited (0) 2 hours ago`, `Created`. */
export function containerStatus(state: ContainerState, now: number): string {
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
      return exited(state, now)
  }
}

function upSince({ startedAt }: ContainerState, now: number): string {
  return startedAt === undefined ? 'Up' : `Up ${humanDuration(now - startedAt.getTime())}`
}

function exited({ exitCode, finishedAt }: ContainerState, now: number): string {
  const code = exitCode === undefined || exitCode < 0 ? 'unknown' : String(exitCode)
  return `Exited (${code})${finishedAt === undefined ? '' : ` ${humanAge(finishedAt, now)}`}`
}
