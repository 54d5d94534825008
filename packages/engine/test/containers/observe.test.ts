import { describe, expect, test } from 'vitest'
import { type Evidence, observe } from '../../src/containers/observe.ts'
import type { ContainerRow } from '../../src/state/record.ts'

const row: ContainerRow = {
  id: 'a'.repeat(64),
  name: 'web',
  imageId: 'sha256:1',
  imageName: 'localhost/web:latest',
  createdAt: 1000,
  args: ['true'],
  labels: {},
  network: 'none',
  ports: [],
  mounts: [],
  autoRemove: false,
  desired: 'running',
  status: 'running',
  pid: 10,
  pidStart: 100,
  monitorPid: 11,
  monitorStart: 110,
  bootId: 'this boot',
  exitCode: undefined,
  startedAt: 2000,
  finishedAt: undefined,
  error: undefined,
  runtime: 'crun',
}

function evidence(
  facts: { alive?: readonly number[]; frozen?: boolean; exit?: number; pids?: ReturnType<Evidence['readPids']> } = {},
): Evidence {
  return {
    bootId: () => 'this boot',
    isAlive: (pid) => facts.alive?.includes(pid) ?? false,
    isFrozen: (pid) => facts.frozen === true && pid === row.pid,
    readExit: () => (facts.exit === undefined ? undefined : { exitCode: facts.exit, finishedAt: 3000 }),
    readPids: () => facts.pids,
  }
}

describe('observe', () => {
  test('both processes live: it runs', () => {
    expect(observe(row, evidence({ alive: [10, 11] }))).toMatchObject({ status: 'running', pid: 10, monitorPid: 11, needsCleanup: false })
  })

  test('the exit file is the truth, whatever the row and the processes say', () => {
    const seen = observe(row, evidence({ alive: [10, 11], exit: 7 }))
    expect(seen).toMatchObject({ status: 'exited', exitCode: 7, finishedAt: 3000, pid: 0, needsCleanup: true })
  })

  test('the monitor was killed: the container runs on', () => {
    expect(observe(row, evidence({ alive: [10] }))).toMatchObject({ status: 'running', pid: 10, monitorPid: 0 })
  })

  test('both were killed: it ended, nobody knows how', () => {
    expect(observe(row, evidence())).toMatchObject({ status: 'exited', exitCode: -1, needsCleanup: true })
  })

  test('on record as paused, it is so while the kernel keeps it from running', () => {
    const paused = { ...row, status: 'paused' as const }
    expect(observe(paused, evidence({ alive: [10, 11], frozen: true }))).toMatchObject({ status: 'paused', pid: 10 })
    expect(observe(paused, evidence({ alive: [10, 11] }))).toMatchObject({ status: 'running', pid: 10 })
    expect(observe(paused, evidence({ alive: [10, 11], frozen: true, exit: 137 }))).toMatchObject({ status: 'exited', pid: 0 })
    expect(observe({ ...paused, bootId: 'last boot' }, evidence())).toMatchObject({ status: 'exited', needsCleanup: true })
  })

  test('after a reboot it ended, even if the pids are in use again', () => {
    expect(observe({ ...row, bootId: 'last boot' }, evidence({ alive: [10, 11] }))).toMatchObject({ status: 'exited', exitCode: -1 })
  })

  test('a starter that was killed after the monitor came up left its pids', () => {
    const started = { ...row, status: 'initialized' as const, pid: 0, monitorPid: 0 }
    const pids = { pid: 20, pidStart: 200, monitorPid: 21, monitorStart: 210 }
    expect(observe(started, evidence({ alive: [20, 21], pids }))).toMatchObject({ status: 'initialized', pid: 20, monitorPid: 21 })
  })

  test('a starter that was killed before the monitor came up left nothing', () => {
    expect(observe({ ...row, status: 'initialized', pid: 0 }, evidence())).toMatchObject({ status: 'exited', needsCleanup: true })
  })

  test.each(['created', 'exited'] as const)('%s stays as it is recorded, without a look at processes', (status) => {
    expect(observe({ ...row, status, exitCode: 3 }, evidence({ alive: [10, 11], exit: 7 }))).toMatchObject({ status, exitCode: 3, pid: 0 })
  })

  test('a removal that was begun is to be finished', () => {
    expect(observe({ ...row, status: 'removing' }, evidence())).toMatchObject({ status: 'removing', needsCleanup: true })
  })
})
