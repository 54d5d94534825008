import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSameProcess, readProcessStat } from '@podwright/linux'
import { expect, test } from 'vitest'
import { type Context, output } from './context.ts'

export function describeMounts({ make, ground, mode }: Context): void {
  test('a root of overlay that goes with the monitor, however it ends', async () => {
    const base = ground().makeDirectory(`overlay-${Math.random()}`)
    for (const name of ['upper', 'work', "merged, it's $(here)"]) mkdirSync(join(base, name))
    const target = join(base, "merged, it's $(here)")
    const options = [`lowerdir=${ground().rootfs}`, 'upperdir=upper', 'workdir=work', ...(mode === 'rootless' ? ['userxattr'] : [])]
    await using container = await make({
      command: ['sh', '-c', 'echo written > /part; mv /part /new; sleep 100'],
      input: { rootfs: target },
      mounts: [{ type: 'overlay', source: 'overlay', target, options, workingDirectory: base }],
    })
    const { pid, monitorPid } = await container.create()
    await container.start()
    while (!existsSync(join(base, 'upper/new'))) await sleep(10)
    expect(readFileSync(join(base, 'upper/new'), 'utf8')).toBe('written\n')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(base)
    const start = readProcessStat(pid)?.startTime ?? 0
    process.kill(monitorPid, 'SIGKILL')
    await container.runtime.kill(container.id, 9)
    while (isSameProcess(pid, start)) await sleep(10)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(base)
  })

  test('binds, tmpfs, read-only root', async () => {
    const source = ground().makeDirectory(`bind-${Math.random()}`)
    writeFileSync(join(source, 'file'), 'from the host\n')
    const text = await output(make, {
      command: ['sh', '-c', 'cat /mnt/file; touch /mnt/x /ro 2>&1; touch /scratch/x /tmp/x && echo writable; grep -c . /etc/passwd'],
      input: {
        readOnlyRoot: true,
        mounts: [
          { type: 'bind', source, target: '/mnt', readOnly: true },
          { type: 'tmpfs', target: '/scratch', options: ['size=1m'] },
        ],
      },
    })
    expect(text).toContain('from the host\n')
    expect(text).toContain('touch: /mnt/x: Read-only file system')
    expect(text).toContain('touch: /ro: Read-only file system')
    expect(text).toContain('writable\n2\n')
  })
}
