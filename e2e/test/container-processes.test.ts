import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'

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
      /^UID +PID +PPID +C +STIME +TTY +TIME +CMD\nroot +1 +0 +0 +\d\d:\d\d +\? +00:00:00 +sleep 300$/,
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
