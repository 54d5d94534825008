import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readUsageV1, readUsageV2 } from '../../src/containers/stats/group-usage.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'groups-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function directory(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(root, name)
  mkdirSync(path)
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content)
  return path
}

describe('what a control group has used', () => {
  test('of v2, as the kernel writes it', () => {
    const path = directory('v2', {
      'cpu.stat': 'usage_usec 1500250\nuser_usec 1000000\nsystem_usec 500250\nnr_periods 0\n',
      'memory.current': '10485760\n',
      'memory.max': '536870912\n',
      'memory.stat': 'anon 4194304\nfile 6291456\ninactive_anon 4096\nactive_file 2097152\ninactive_file 4194304\n',
      'pids.current': '7\n',
      'io.stat':
        '254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n7:1 \n259:0 rbytes=1000 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n',
    })
    expect(readUsageV2(path)).toEqual({
      cpuNs: 1_500_250_000,
      memoryBytes: 6_291_456,
      memoryLimitBytes: 536_870_912,
      pids: 7,
      block: { readBytes: 5096, writtenBytes: 8192 },
    })
  })

  test('of v2 without a limit, and without controllers', () => {
    expect(readUsageV2(directory('v2', { 'memory.max': 'max\n', 'cpu.stat': 'usage_usec 1\n' }))).toEqual({
      cpuNs: 1000,
      memoryBytes: 0,
      memoryLimitBytes: undefined,
      pids: 0,
      block: { readBytes: 0, writtenBytes: 0 },
    })
  })

  test('of v1: each controller has its own directory, one may be missing', () => {
    const groups = {
      cpuacct: directory('cpuacct', { 'cpuacct.usage': '123456789\n' }),
      memory: directory('memory', {
        'memory.usage_in_bytes': '8192\n',
        'memory.limit_in_bytes': '9223372036854771712\n',
        'memory.stat': 'inactive_file 1\nhierarchical_memory_limit 2\ntotal_inactive_file 4096\n',
      }),
      pids: undefined,
      blkio: directory('blkio', {
        'blkio.throttle.io_service_bytes_recursive': '8:0 Read 100\n8:0 Write 200\n8:0 Total 300\n8:16 Read 1\nTotal 301\n',
      }),
    }
    expect(readUsageV1(groups)).toEqual({
      cpuNs: 123_456_789,
      memoryBytes: 4096,
      memoryLimitBytes: undefined,
      pids: 0,
      block: { readBytes: 101, writtenBytes: 200 },
    })
  })
})
