import type { ContainerProcess, ProcessAccount } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { describe, expect, test } from 'vitest'
import { goDuration } from '../../src/render/go-duration.ts'
import { ago, noContainer, summary } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const account = (name: string): ProcessAccount => ({ id: 1000, name, hostId: 100_999, hostName: '100999' })

const first: ContainerProcess = {
  pid: 1,
  hostPid: 4711,
  parentPid: 0,
  processGroup: 1,
  session: 1,
  command: 'sh',
  args: ['sh', '-c', 'sleep 1\u001b[2J'],
  state: 'S',
  terminal: 'pts/0',
  startedAt: ago(93_784),
  elapsedMs: 93_784_500,
  cpuMs: 3_725_000,
  priority: 20,
  nice: 0,
  threads: 1,
  virtualBytes: 2 ** 21,
  residentBytes: 2 ** 20,
  memoryShare: 0.0125,
  user: account('alice'),
  realUser: account('alice'),
  group: account('staff'),
  realGroup: account('staff'),
  groups: [account('staff'), account('wheel')],
  capabilities: { ambient: [], bounding: ['CAP_CHOWN', 'CAP_KILL'], effective: 'full', inheritable: [], permitted: [] },
  seccomp: 'filter',
  label: undefined,
}
const zombie: ContainerProcess = {
  ...first,
  pid: 7,
  parentPid: 1,
  command: 'gone',
  args: [],
  state: 'Z',
  terminal: undefined,
  session: 1,
  threads: 1,
}

const containers = {
  list: async (): Promise<ReturnType<typeof summary>[]> => [summary()],
  processes: async (reference: string): Promise<readonly ContainerProcess[]> => {
    if (reference === 'nope') throw noContainer(reference)
    if (reference === 'job') throw new EngineError('ERR_CONTAINER_NOT_RUNNING', 'cannot list the processes of job: it is exited')
    return [first, zombie]
  },
}

describe('top', () => {
  test.each([
    [
      'top web',
      'USER    PID   PPID   %CPU    ELAPSED     TTY     TIME     COMMAND\nalice   1     0      3.972   26h3m4.5s   pts/0   1h2m5s   sh -c sleep 1\\x1b[2J\nalice   7     1      3.972   26h3m4.5s   ?       1h2m5s   [gone]\n',
    ],
    ['top -l pid', 'PID\n1\n7\n'],
    ['top web pid,ppid hpid', 'PID   PPID   HPID\n1     0      4711\n7     1      4711\n'],
    ['container top web %p huser groups', 'PID   HUSER    GROUPS\n1     100999   staff,wheel\n7     100999   staff,wheel\n'],
    ['top web capeff capbnd capamb seccomp label', 'EFFECTIVE CAPS   BOUNDING CAPS   AMBIENT CAPS   SECCOMP   LABEL\n'],
    [
      'top web -o pid=ID,etime,time,%mem',
      'ID   ELAPSED      TIME       %MEM\n1    1-02:03:04   01:02:05   1.3\n7    1-02:03:04   01:02:05   1.3\n',
    ],
    ['top web -o pid= -ocomm=', '1   sh\n7   gone\n'],
    [
      'top web aux',
      'USER    PID   %CPU   %MEM   VSZ    RSS    TTY     STAT   START   TIME       COMMAND\nalice   1     4.0    1.3    2048   1024   pts/0   Ss     ',
    ],
    ['top web -ef', 'UID     PID   PPID   C   STIME   TTY     TIME       CMD\nalice   1     0      3   '],
    ['top web -e', 'PID   TTY     TIME       CMD\n1     pts/0   01:02:05   sh\n'],
  ])('%s', async (line, stdout) => {
    const result = await podwright(line, { containers })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout.slice(0, stdout.length)).toBe(stdout)
  })

  test.each([
    ['top', 'no container is named'],
    ['top nope', 'no container is named "nope"'],
    ['top job', 'it is exited'],
    ['top web pid frobs', 'there is no format descriptor "frobs"'],
    ['top web -el', 'does not have the option "-el" of ps'],
    ['top web -o', "ps's -o needs a list of columns"],
    ['top web -o pid,wchan', 'cannot show ps\'s column "wchan"'],
  ])('%s is refused', async (line, message) => {
    const { code, stdout, stderr } = await podwright(line, { containers })
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain(message)
  })

  test.each([
    [0, '0s'],
    [12, '12ms'],
    [1500, '1.5s'],
    [60_000, '1m0s'],
    [3_600_000, '1h0m0s'],
  ])('%i ms are %s', (ms, text) => {
    expect(goDuration(ms)).toBe(text)
  })
})
