import type { RestartPolicy } from '@podwright/contracts'
import { expect, test } from 'vitest'
import { longer, nextRestart, restartTime } from '../../src/keeper/next-restart.ts'
import type { ContainerRow } from '../../src/state/record.ts'

/** A container that was started at the time 0, in the boot `here`. */
function row(restart: RestartPolicy, more: { readonly count?: number; readonly delayMs?: number } = {}): ContainerRow {
  const keeping = {
    restart,
    restartAt: undefined,
    restartDelayMs: more.delayMs ?? 0,
    restartCount: more.count ?? 0,
  }
  return { id: 'a', desired: 'running', status: 'running', startedAt: 0, bootId: 'here', keeping } as unknown as ContainerRow
}

test('each restart waits twice as long as the one before, up to a minute, and 100 ms again after ten seconds of running', () => {
  const always = { name: 'always' } as const
  expect(nextRestart(row(always), { exitCode: 0, finishedAt: 50 }, 'here')).toEqual({ restartAt: 150, restartDelayMs: 100 })
  expect(nextRestart(row(always, { delayMs: 100 }), { exitCode: 1, finishedAt: 50 }, 'here')).toEqual({
    restartAt: 250,
    restartDelayMs: 200,
  })
  expect(nextRestart(row(always, { delayMs: 51_200 }), { exitCode: 1, finishedAt: 9_999 }, 'here')?.restartDelayMs).toBe(60_000)
  expect(nextRestart(row(always, { delayMs: 51_200 }), { exitCode: 1, finishedAt: 10_000 }, 'here')?.restartDelayMs).toBe(100)
  expect([0, 100, 40_000, 60_000].map(longer)).toEqual([100, 200, 60_000, 60_000])
})

test('on-failure: not after success, not more often than it says, not for a reboot; and for an end that nobody saw', () => {
  const policy = { name: 'on-failure', maximumRetries: 3 } as const
  const end = (exitCode: number): { readonly exitCode: number; readonly finishedAt: number } => ({ exitCode, finishedAt: 1 })
  expect(nextRestart(row(policy), end(0), 'here')).toBeUndefined()
  expect(nextRestart(row(policy, { count: 2 }), end(1), 'here')).toBeDefined()
  expect(nextRestart(row(policy, { count: 3 }), end(1), 'here')).toBeUndefined()
  expect(nextRestart(row({ name: 'on-failure' }, { count: 300 }), end(-1), 'here')).toBeDefined()
  expect(nextRestart(row(policy), end(-1), 'another boot')).toBeUndefined()
  expect(nextRestart(row({ name: 'unless-stopped' }), end(-1), 'another boot')).toBeDefined()
})

test('who was stopped, or has no policy, stays ended', () => {
  const end = { exitCode: 1, finishedAt: 1 }
  expect(nextRestart({ ...row({ name: 'always' }), desired: 'stopped' }, end, 'here')).toBeUndefined()
  expect(nextRestart({ ...row({ name: 'always' }), keeping: undefined }, end, 'here')).toBeUndefined()
  const waiting = { ...row({ name: 'always' }), status: 'exited' } as ContainerRow
  const due = { ...waiting, keeping: { ...waiting.keeping!, restartAt: 7 } }
  expect(restartTime(due)).toBe(7)
  expect(restartTime({ ...due, desired: 'stopped' })).toBeUndefined()
  expect(restartTime({ ...due, status: 'running' })).toBeUndefined()
})
