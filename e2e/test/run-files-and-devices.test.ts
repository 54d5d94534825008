import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const run = (script: string, ...flags: readonly string[]): Promise<string> =>
    ok('run', '--rm', '--network', 'none', ...flags, busybox, 'sh', '-c', script)
  const refused = async (...flags: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(['run', '--rm', '--network', 'none', ...flags, busybox, 'true'])
    expect(code).toBe(125)
    return stderr
  }

  test('lines of /etc/passwd and /etc/group for whom the image does not know', async () => {
    const look = 'tail -n 1 /etc/passwd; tail -n 1 /etc/group; id'
    expect(await run(`${look}; echo $HOME`, '-u', '1234')).toBe(
      '1234:*:1234:0:container user:/:/bin/sh\n1234:x:1234:1234\nuid=1234(1234) gid=0(root) groups=0(root)\n/',
    )
    expect(await run(look, '-u', '1234:78')).toBe(
      '1234:*:1234:78:container user:/:/bin/sh\n78:x:78:1234\nuid=1234(1234) gid=78(78) groups=78(78)',
    )
    expect(await run(look, '-u', '0:78')).toBe('alice:x:1000:1000:Alice:/home:/bin/sh\n78:x:78:0\nuid=0(root) gid=78(78) groups=78(78)')
    expect(await run('tail -n 1 /etc/passwd; id', '-u', '1234', '--passwd=false')).toBe(
      'alice:x:1000:1000:Alice:/home:/bin/sh\nuid=1234 gid=0(root) groups=0(root)',
    )
    const entries = ['--passwd-entry', '$USERNAME:x:$UID:$GID:$NAME:$HOME:/bin/ash', '--group-entry', 'team:x:$GID:$USERLIST,alice']
    expect(await run('tail -n 1 /etc/passwd; tail -n 1 /etc/group; whoami; echo $HOME', '-u', '1234:77', '-w', '/tmp', ...entries)).toBe(
      '1234:x:1234:77:container user:/tmp:/bin/ash\nteam:x:77:1234,alice\n1234\n/tmp',
    )
    // Those that it knows stay as they are.
    expect(await run('tail -n 1 /etc/passwd', '-u', 'alice', ...entries)).toBe('alice:x:1000:1000:Alice:/home:/bin/sh')
    const [name, , uid, gid, comment, home] = (
      readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .find((line) => line.startsWith('nobody:')) ?? ''
    ).split(':')
    expect(await run('tail -n 1 /etc/passwd', '--hostuser', 'nobody')).toBe(`${name}:*:${uid}:${gid}:${comment}:${home}:/bin/sh`)
    expect(await run('grep -c nobody /etc/passwd; true', '--hostuser', 'nobody', '--passwd=false')).toBe('0')
    expect(await refused('--hostuser', 'nobody-has-this')).toContain('this host has none of that name or id')
  })

  if (role.rootless) {
    test('who keeps the ids is known by name', async () => {
      const lines = await run('tail -n 1 /etc/passwd; tail -n 1 /etc/group; whoami; echo $HOME', '--userns', 'keep-id', '-w', '/tmp')
      expect(lines).toBe(
        `${role.userName}:*:${role.uid}:${role.gid}::/tmp:/bin/sh\n${role.userName}:x:${role.gid}:${role.userName}\n${role.userName}\n/tmp`,
      )
      // It is a file as any other: a program that changes users may replace it.
      expect(
        await run(
          'echo "new:x:5:5::/:/bin/sh" >> /etc/passwd && mv /etc/passwd /etc/p && mv /etc/p /etc/passwd && tail -n 1 /etc/passwd',
          '--userns',
          'keep-id',
          '-u',
          '0',
        ),
      ).toBe('new:x:5:5::/:/bin/sh')
      await ok('create', '--name', 'kept', '--network', 'none', '--userns', 'keep-id', busybox, 'tail', '-n', '1', '/etc/passwd')
      expect(await ok('start', '-a', 'kept')).toBe(await ok('start', '-a', 'kept'))
      await ok('rm', 'kept')
    })
  }

  test('names and files in /etc, and variables made of the image’s', async () => {
    const base = join(sandbox().home, 'base-hosts')
    writeFileSync(base, '10.9.9.9 base\n', { mode: 0o644 })
    expect(await run('cat /etc/hosts', '--hosts-file', base)).toMatch(/^10\.9\.9\.9\tbase\n127\.0\.0\.1\t/)
    expect(await run('cat /etc/hosts', '--hosts-file', 'none')).toMatch(/^127\.0\.0\.1\tlocalhost\n::1\t/)
    expect(await refused('--hosts-file', '/no/such')).toContain('/no/such: it is not there')
    expect(await refused('--hosts-file', 'image')).toContain('cannot honour --hosts-file image')
    expect(await run('cat /etc/hostname 2>/dev/null || echo none', '--no-hostname')).toBe('none')
    const chrooted =
      'for name in hosts hostname resolv.conf; do cmp /etc/$name /srv/a/etc/$name && cmp /etc/$name /b/etc/$name || exit 1; done; cat /b/etc/hostname'
    expect(await run(chrooted, '--chrootdirs', '/srv/a,/b', '--hostname', 'inner')).toBe('inner')
    expect(await run('ls /b/etc', '--chrootdirs', '/b', '--no-hosts', '--no-hostname')).toBe('resolv.conf')
    expect(await run('cat /proc/sys/kernel/domainname', '--domainname', 'ex.org')).toBe('ex.org')
    expect(
      await run('echo $FROM_IMAGE $NEW', '--env-merge', 'FROM_IMAGE=${FROM_IMAGE}-more', '--env-merge', 'NEW=$FROM_IMAGE$NOTHING.'),
    ).toBe('yes-more yes.')
    expect(await run('touch /tmp/x 2>/dev/null || echo closed', '--read-only', '--read-only-tmpfs=false')).toBe('closed')
    expect(await run('touch /tmp/x && echo open', '--read-only')).toBe('open')
  })

  test('a control group below another one', async () => {
    if (role.rootless) {
      expect(await refused('--cgroup-parent', '/x')).toContain('cannot honour --cgroup-parent: the container gets no control groups here')
      return
    }
    expect(await refused('--cgroup-parent', 'user.slice')).toContain('Slices are made by systemd')
    const parent = `/podwright-e2e-${process.pid}`
    await ok('run', '-d', '--name', 'below', '--network', 'none', '--stop-timeout', '0', '--cgroup-parent', parent, busybox, 'sleep', '60')
    const pid = await ok('inspect', 'below', '--format', '{{.State.Pid}}')
    const id = await ok('inspect', 'below', '--format', '{{.Id}}')
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`:${parent}/${id}\n`)
    expect(await ok('inspect', 'below', '--format', '{{.HostConfig.CgroupParent}}')).toBe(parent)
    await ok('rm', '-f', 'below')
    const left = execFileSync('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-name', parent.slice(1)], { encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(execFileSync('find', [...left, '-mindepth', '1', '-type', 'd'], { encoding: 'utf8' })).toBe('')
    for (const path of left) execFileSync('rmdir', [path])
  })

  test('mounts of a pattern, of terminals, and of memory without a limit', async () => {
    const directory = join(sandbox().home, 'globbed')
    mkdirSync(join(directory, 'b.d'), { recursive: true })
    for (const name of ['a.conf', 'c.txt', 'b.d/deep']) writeFileSync(join(directory, name), name)
    const mounts = [
      `type=glob,src=${directory}/*.[cd]*,dst=/etc/some,ro`,
      'type=devpts,dst=/terminals,mode=0600,max=5,uid=3',
      'type=ramfs,dst=/ram,noexec,ro',
    ]
    const flags = mounts.flatMap((mount) => ['--mount', mount])
    const look =
      'ls /etc/some; cat /etc/some/b.d/deep; echo; grep -E " /(terminals|ram|etc/some/a.conf) " /proc/mounts | cut -d " " -f 2-4 | sort; ls /terminals'
    await ok('create', '--name', 'mounts', '--network', 'none', ...flags, busybox, 'sh', '-c', look)
    const seen = (await ok('start', '-a', 'mounts')).split('\n')
    expect(seen.slice(0, 3)).toEqual(['a.conf', 'b.d', 'b.d/deep'])
    expect(seen[3]).toMatch(/^\/etc\/some\/a\.conf \S+ ro,/)
    expect(seen[4]).toMatch(/^\/ram ramfs ro,nosuid,nodev,noexec/)
    expect(seen[5]).toMatch(/^\/terminals devpts rw,nosuid,noexec\S*,mode=600,ptmxmode=666/)
    expect(seen[6]).toBe('ptmx')
    const words = await ok('describe', 'mounts')
    expect(words).toContain(`--mount type=bind,source=${directory}/a.conf,destination=/etc/some/a.conf,readonly`)
    expect(words).toContain('--mount type=devpts,destination=/terminals,mode=0600,max=5,uid=3')
    expect(words).toContain('--mount type=ramfs,destination=/ram,readonly,noexec')
    expect(await ok('inspect', 'mounts', '--format', '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}|{{end}}')).toBe(
      'bind /etc/some/a.conf false|bind /etc/some/b.d false|devpts /terminals true|ramfs /ram false|',
    )
    expect(await refused('--mount', `type=glob,src=${directory}/none*,dst=/x`)).toContain('nothing on this host matches')
    await ok('rm', 'mounts')
  })

  test('limits of devices', async ({ skip }) => {
    expect(await refused('--device-read-bps', 'sda:1mb')).toContain('it is not PATH:NUMBER')
    expect(await refused('--device-write-iops', '/dev/sda:1mb')).toContain('it is no whole number above 0')
    if (role.rootless) {
      const { code, stderr } = await sandbox().podwright([
        'run',
        '--rm',
        '--network',
        'none',
        '--device-read-bps',
        '/dev/x:1mb',
        busybox,
        'true',
      ])
      expect({ code, stderr }).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('resource limits are not supported and ignored on cgroups v1'),
      })
      return
    }
    expect(await refused('--device-read-bps', '/dev/null:1mb')).toContain('cannot limit /dev/null: it is no block device')
    const device = execFileSync(
      'sh',
      ['-c', 'for d in /dev/vd? /dev/sd? /dev/nvme?n? /dev/loop?; do [ -b $d ] && echo $d && break; done'],
      { encoding: 'utf8' },
    ).trim()
    skip(device === '', 'needs a block device')
    await ok(
      'run',
      '-d',
      '--name',
      'slow',
      '--network',
      'none',
      '--stop-timeout',
      '0',
      '--device-read-bps',
      `${device}:1mb`,
      busybox,
      'sleep',
      '60',
    )
    const limit = async (): Promise<string> => {
      const path = `/sys/fs/cgroup/blkio/podwright/${await ok('inspect', 'slow', '--format', '{{.Id}}')}/blkio.throttle.read_bps_device`
      return readFileSync(path, 'utf8').trim().split(' ')[1] ?? ''
    }
    expect(await limit()).toBe('1048576')
    await ok('update', '--device-read-bps', `${device}:2mb`, 'slow')
    expect(await limit()).toBe('2097152')
    await ok('rm', '-f', 'slow')
  })
})
