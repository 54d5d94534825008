import type { ContainerDetails, Containers, ContainerStats, ContainerSummary } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { describe, expect, test } from 'vitest'
import { binarySize } from '../../src/render/size.ts'
import { ago, exited, noContainer, summary } from '../fixtures/engine.ts'
import { podwright, testSignals } from '../fixtures/program.ts'

/** Containers that have used a processor by half since their start, and for a quarter of a second more at each look. */
function using(options: { readonly looks?: number; readonly onLook?: () => void } = {}): {
  containers: Partial<Containers>
  asked: string[]
} {
  const asked: string[] = []
  let looks = 0
  const stats = async (id: string): Promise<ContainerStats> => {
    asked.push(id)
    if (id === exited(0).id) throw new EngineError('ERR_CONTAINER_NOT_RUNNING', 'it is exited')
    if (++looks === options.looks) options.onLook?.()
    return {
      id,
      name: 'web',
      at: new Date(ago(0).getTime() + looks * 1000),
      startedAt: ago(100),
      cpuNs: 50e9 + looks * 0.25e9,
      memoryBytes: 3 * 2 ** 20,
      memoryLimitBytes: 2 ** 30,
      pids: 4,
      network: { receivedBytes: 1_234_567, sentBytes: 648 },
      block: { readBytes: 0, writtenBytes: 4096 },
    }
  }
  const list = async ({ all = false }: { readonly all?: boolean } = {}): Promise<ContainerSummary[]> =>
    all ? [summary(), exited(0)] : [summary()]
  const inspect = async (reference: string): Promise<ContainerDetails> => {
    if (reference === 'nope') throw noContainer(reference)
    return (reference === 'job' ? exited(0) : summary()) as ContainerDetails
  }
  return { containers: { list, stats, inspect }, asked }
}

const heads = 'CONTAINER ID   NAME   CPU %    MEM USAGE / LIMIT   MEM %   NET I/O         BLOCK I/O    PIDS\n'
const row = 'a1b2c3d4e5f6   web    25.00%   3MiB / 1GiB         0.29%   1.23MB / 648B   0B / 4.1kB   4\n'

describe('stats', () => {
  test('--no-stream looks twice, and tells what happened in between', async () => {
    const { containers, asked } = using()
    expect(await podwright('stats --no-stream', { containers })).toMatchObject({ code: 0, stdout: heads + row, stderr: '' })
    expect(asked).toHaveLength(2)
  })

  test('on a terminal it goes on, each time on an empty screen, until it is called off', async () => {
    const signals = testSignals()
    const { containers } = using({ looks: 4, onLook: () => signals.send('SIGINT') })
    const { code, stdout } = await podwright('stats web', { containers, terminal: true, signals })
    expect(code).toBe(130)
    expect(stdout.split('\u001b[H\u001b[2J').slice(1, 3)).toEqual([heads + row, heads + row])
  })

  test('ends when all that were named are gone', async () => {
    const using1 = using()
    let looks = 0
    const inspect = async (reference: string): Promise<ContainerDetails> => {
      if (looks++ > 1) throw noContainer(reference)
      return summary() as ContainerDetails
    }
    expect(await podwright('stats web', { containers: { ...using1.containers, inspect } })).toMatchObject({ code: 0, stdout: heads + row })
  })

  test('--no-reset leaves the screen as it is', async () => {
    const signals = testSignals()
    const { containers } = using({ looks: 3, onLook: () => signals.send('SIGINT') })
    expect((await podwright('stats --no-reset', { containers, terminal: true, signals })).stdout).not.toContain('\u001b')
  })

  test.each([
    ['stats --no-stream --no-trunc --format {{.ID}}', `${summary().id}\n`],
    [
      'stats --no-stream -l --format {{.Container}}:{{.CPUPerc}}:{{.AvgCPU}}:{{.PIDs}}:{{.UpTime}}',
      `${summary().id}:25.00%:49.51%:4:50.5s\n`,
    ],
    ['stats --no-stream --format {{.MemPerc}} web', '0.29%\n'],
    ['stats --no-stream -a --format {{.CPUPerc}}|{{.MemUsage}}', '25.00%|3MiB / 1GiB\n--|-- / --\n'],
    ['stats --no-stream --format {{.PIDs}} job', '--\n'],
  ])('%s', async (line, stdout) => {
    expect(await podwright(line, using())).toMatchObject({ code: 0, stdout, stderr: '' })
  })

  test('as JSON: podman’s keys in an array, docker’s in a line', async () => {
    const { stdout } = await podwright('stats --no-stream --format json', using())
    expect(JSON.parse(stdout)).toEqual([
      {
        id: 'a1b2c3d4e5f6',
        name: 'web',
        cpu_time: '50.5s',
        cpu_percent: '25.00%',
        avg_cpu: '49.51%',
        mem_usage: '3MiB / 1GiB',
        mem_percent: '0.29%',
        net_io: '1.23MB / 648B',
        block_io: '0B / 4.1kB',
        pids: '4',
      },
    ])
    const line = await podwright(['stats', '--no-stream', '--format', '{{json .}}', 'web'], using())
    expect(Object.keys(JSON.parse(line.stdout) as object)).toEqual([
      'BlockIO',
      'CPUPerc',
      'Container',
      'ID',
      'MemPerc',
      'MemUsage',
      'Name',
      'NetIO',
      'PIDs',
    ])
  })

  test.each([
    ['stats nope', 'no container is named "nope"'],
    ['stats -i 0', 'it is more than 0 seconds'],
    ['stats --format frobs', 'invalid value "frobs" for --format'],
    ['stats -a web', 'one of them'],
  ])('%s is refused', async (line, message) => {
    const { code, stdout, stderr } = await podwright(line, using())
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain(message)
  })

  test.each([
    [0, '0B'],
    [1023, '1023B'],
    [1_572_864, '1.5MiB'],
    [1_000_000, '976.6KiB'],
    [16_664_682_496, '15.52GiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(binarySize(bytes)).toBe(text)
  })
})
