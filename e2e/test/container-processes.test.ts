import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'

const noGroups = ['memory', 'cgroup.controllers'].some((name) => existsSync(`/sys/fs/cgroup/${name}`)) ? undefined : 'needs control groups'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const podwright = (...args: readonly string[]): Promise<RunResult> => sandbox().podwright(args)
  /** The cells of a table, without its titles. */
  const rows = async (...args: readonly string[]): Promise<readonly (readonly string[])[]> =>
    (await ok(...args))
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ {2,}/))

  test('top: the processes of a container with its own pids and users, also of commands run in it', async () => {
    await ok('run', '-d', '--name', 'busy', '-u', 'alice', busybox, 'sh', '-c', 'sleep 301 & sleep 302; true')
    await ok('exec', '-d', '-u', 'root', 'busy', 'sleep', '303')
    expect((await ok('top', 'busy')).split('\n')[0]).toMatch(/^USER +PID +PPID +%CPU +ELAPSED +TTY +TIME +COMMAND$/)
    const shown = await rows('top', 'busy', 'pid', 'ppid', 'user', 'args')
    expect(shown[0]).toEqual(['1', '0', 'alice', 'sh -c sleep 301 & sleep 302; true'])
    expect(
      shown
        .slice(1)
        .map(([, parent, user, args]) => [parent, user, args])
        .toSorted(),
    ).toEqual([
      ['0', 'root', 'sleep 303'],
      ['1', 'alice', 'sleep 301'],
      ['1', 'alice', 'sleep 302'],
    ])
    const inside = await ok('exec', 'busy', 'ps', '-o', 'pid,args')
    for (const [pid, , , args] of shown) expect(inside).toMatch(new RegExp(`^ *${pid} ${args?.slice(0, 5)}`, 'm'))
    const [[hostPid, hostUser] = []] = await rows('top', 'busy', 'hpid', 'huser')
    expect(Number(hostPid)).toBe(Number(await ok('inspect', '-f', '{{.State.Pid}}', 'busy')))
    expect(hostUser === undefined || (role.rootless && /^(alice|1000)$/.test(hostUser))).toBe(false)
    await ok('rm', '-f', 'busy')
  })

  test('top: the options of ps that docker users type, and what it does not know', async () => {
    const id = await ok('run', '-d', '--name', 'busy', busybox, 'sleep', '300')
    expect(await ok('container', 'top', id.slice(0, 12), '-eo', 'pid,comm,user')).toMatch(/^PID +COMMAND +USER\n1 +sleep +root$/)
    expect(await ok('top', 'busy', '-ef')).toMatch(
      /^UID +PID +PPID +C +STIME +TTY +TIME +CMD\nroot +1 +0 +\d+ +\d\d:\d\d +\? +00:00:00 +sleep 300$/,
    )
    expect(await ok('top', '--latest', 'aux')).toMatch(/^USER +PID +%CPU +%MEM +VSZ +RSS +TTY +STAT +START +TIME +COMMAND\nroot +1 /)
    expect(await ok('top', 'busy', 'capbnd', 'seccomp')).toMatch(/^BOUNDING CAPS +SECCOMP\nCHOWN,.*SYS_CHROOT +filter$/)
    for (const [words, message] of [
      [['busy', 'frobs'], 'there is no format descriptor "frobs"'],
      [['busy', '-l'], 'does not have the option "-l" of ps'],
      [['nobody'], 'no container has the name or id "nobody"'],
    ] as const) {
      expect(await podwright('top', ...words)).toMatchObject({ code: 125, stdout: '', stderr: expect.stringContaining(message) })
    }
    await ok('stop', '-t', '0', 'busy')
    expect(await podwright('top', 'busy')).toMatchObject({ code: 125, stderr: expect.stringContaining('it is exited') })
    await ok('rm', 'busy')
  })

  defineTest('stats: what runs, as the control groups count it', { concerns: !role.rootless, missing: noGroups }, async () => {
    await ok('run', '-d', '--name', 'spin', busybox, 'sh', '-c', 'while :; do :; done')
    const rest = await ok(
      'run',
      '-d',
      '--name',
      'rest',
      busybox,
      'sh',
      '-c',
      'dd if=/dev/zero of=/dev/shm/held bs=1M count=24 2>/dev/null; sleep 300 & sleep 300; true',
    )
    await ok('create', '--name', 'idle', busybox, 'true')
    const shown = await rows('stats', '--no-stream')
    expect(shown.map(([, name]) => name)).toEqual(['rest', 'spin'])
    expect(await ok('stats', '--no-stream', '--all', '--format', '{{.Name}} {{.PIDs}}')).toBe('idle --\nrest 3\nspin 1')
    const [first, second] = JSON.parse(
      await ok('container', 'stats', '--no-stream', '--format', 'json', 'rest', 'spin'),
    ) as readonly Record<string, string>[]
    expect(first).toMatchObject({
      id: rest.slice(0, 12),
      name: 'rest',
      pids: '3',
      mem_usage: expect.stringMatching(/^(2[4-9]|[3-9]\d)[.\d]*MiB \/ /),
    })
    expect(Number.parseFloat(second?.['cpu_percent'] ?? '')).toBeGreaterThan(5)
    expect(Number.parseFloat(second?.['cpu_percent'] ?? '')).toBeGreaterThan(Number.parseFloat(first?.['cpu_percent'] ?? ''))
    await ok('pause', 'spin')
    expect(await ok('stats', '--no-stream', '--no-trunc', '--format', '{{.ID}} {{.CPUPerc}}', 'rest')).toMatch(new RegExp(`^${rest} \\d`))
    expect(await ok('stats', '--no-stream', '--format', '{{.CPUPerc}}', 'spin')).toBe('0.00%')
    expect(await podwright('stats', '--no-stream', 'rest', 'nobody')).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringContaining('"nobody"'),
    })
    const streaming = sandbox().start(['stats', '--interval', '0.2', '--format', '{{.Name}};', 'rest'])
    await streaming.untilStdout('rest;\nrest;\nrest;\n')
    await ok('rm', '-f', 'spin', 'rest', 'idle')
    expect(await streaming.result).toMatchObject({ code: 0, stderr: '' })
  })

  defineTest('stats: a plain user is told by name what is missing', { concerns: role.rootless }, async () => {
    expect(await rows('stats', '--no-stream')).toEqual([])
    await ok('run', '-d', '--name', 'rest', busybox, 'sleep', '300')
    for (const names of [[], ['rest']]) {
      const { code, stdout, stderr } = await podwright('stats', '--no-stream', ...names)
      expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
      expect(stderr).toContain("cannot tell what is used by rest: a plain user's containers here have no control groups")
    }
    await ok('rm', '-f', 'rest')
  })

  test('top: nothing in the container is needed or trusted', async () => {
    const spoil = 'rm /etc/passwd; mkfifo /etc/passwd; ln -sf /etc/passwd /etc/group; exec /bin/busybox sleep 300'
    await ok('run', '-d', '--name', 'odd', busybox, 'sh', '-c', spoil)
    for (let attempt = 0; attempt < 50 && !(await ok('top', 'odd', 'args')).includes('busybox'); attempt++);
    expect(await rows('top', 'odd', 'user', 'group', 'args')).toEqual([['0', '0', '/bin/busybox sleep 300']])
    expect((await podwright('exec', '-u', '0', 'odd', 'echo', 'up')).stdout).toBe('up\n')
    await ok('rm', '-f', 'odd')
  })

  test('top: processes in pid namespaces below the container are its own, too', async () => {
    await ok('run', '-d', '--name', 'nest', '--privileged', busybox, 'unshare', '-pf', 'sh', '-c', 'sleep 301; true')
    for (let attempt = 0; attempt < 50 && (await rows('top', 'nest')).length < 3; attempt++);
    expect(await rows('top', 'nest', 'pid', 'ppid', 'args')).toEqual([
      ['1', '0', 'unshare -pf sh -c sleep 301; true'],
      [expect.any(String), '1', 'sh -c sleep 301; true'],
      [expect.any(String), expect.any(String), 'sleep 301'],
    ])
    await ok('rm', '-f', 'nest')
  })
})
