import type { ContainerOptions } from '@podwright/contracts'
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { containerFlags } from '../../../src/containers/container-flags.ts'
import { runWords } from '../../../src/containers/describe/run-words.ts'
import { shellLine } from '../../../src/containers/describe/words.ts'
import { podwright } from '../../fixtures/program.ts'

/** What the engine is asked for by a command line. */
async function optionsOf(words: readonly string[]): Promise<ContainerOptions> {
  let given: ContainerOptions | undefined
  const create = async (options: ContainerOptions): Promise<{ id: string; name: string; warnings: string[] }> => {
    given = options
    return { id: 'abc', name: 'x', warnings: [] }
  }
  const { stderr } = await podwright(['create', ...words], { containers: { create } })
  if (given === undefined) throw new Error(stderr)
  const { createCommand: _words, pull: _pull, signal: _signal, ...options } = given as ContainerOptions & { signal?: unknown }
  return options
}

/** One of each flag that leaves something behind. */
const lines: readonly (readonly string[])[] = [
  [
    '--name',
    'web',
    '-e',
    'A=b c',
    '-e',
    "QUOTE='x'",
    '-w',
    '/srv',
    '-u',
    '1:2',
    '--hostname',
    'h',
    '-l',
    'a=b',
    '-l',
    'empty',
    'debian:12',
    'sh',
    '-c',
    'echo "hi"; exit',
  ],
  ['--rootfs', '--name', 'web', '/srv/root', 'ls'],
  ['--rootfs', '/srv/root:O', 'ls', '-l'],
  ['--rootfs', '/srv/root:O/', 'ls'],
  ['--entrypoint', '/bin/x', 'debian', '--flag'],
  ['--entrypoint', '["a b","c"]', 'debian'],
  ['--entrypoint', '', 'debian', 'ls'],
  ['-it', '--rm', '--read-only', '--privileged', '--cap-add', 'NET_ADMIN,SYS_TIME', '--cap-drop', 'ALL', 'debian'],
  [
    '--security-opt',
    'no-new-privileges',
    '--security-opt',
    'seccomp=unconfined',
    '--security-opt',
    'mask=/a:/b',
    '--security-opt',
    'unmask=ALL',
    '--ulimit',
    'nofile=10:20',
    '--ulimit',
    'core=-1',
    'debian',
  ],
  ['--stop-signal', 'INT', '--stop-timeout', '3', '--network', 'none', '--platform', 'linux/arm64/v8', 'debian'],
  [
    '-v',
    '/srv:/srv:ro,rshared,noexec',
    '-v',
    'data:/data:nocopy',
    '-v',
    '/anonymous',
    '--tmpfs',
    '/run:size=64m,mode=700,noexec',
    'debian',
  ],
  [
    '--mount',
    'type=bind,src=/a,dst=/b,U,relabel=private',
    '--mount',
    'type=volume,src=v,dst=/v,volume-driver=x,volume-opt=type=nfs,"volume-opt=o=addr=1,rw",volume-label=a=b',
    'debian',
  ],
  [
    '--mount',
    'type=image,src=tools:1,dst=/t,rw,subpath=/usr/bin',
    '--mount',
    'type=image,src=tools:1,dst=/r',
    '--mount',
    'type=artifact,src=model:1,dst=/m,title=a b,name=x',
    '--mount',
    'type=volume,src=v,dst=/v,volume-subpath=a/b',
    '--mount',
    'type=tmpfs,dst=/s,U,tmpfs-size=1m,tmpfs-mode=0700,notmpcopyup,uid=5',
    '--mount',
    'type=bind,src=/a,dst=/b,ro,bind-recursive=readonly',
    'debian',
  ],
  ['--volumes-from', 'other:ro', '--volume-driver', 'x', '--image-volume', 'tmpfs', 'debian'],
  [
    '--restart',
    'on-failure:3',
    '--log-driver',
    'k8s-file',
    '--log-opt',
    'max-size=10m',
    '--log-opt',
    'max-file=3',
    '--log-opt',
    'tag={{.Name}}',
    '--log-opt',
    'labels=a,b',
    '--log-opt',
    'path=/tmp/x.log',
    'debian',
  ],
  [
    '--health-cmd',
    'curl -f localhost',
    '--health-interval',
    '10s',
    '--health-timeout',
    '1s',
    '--health-retries',
    '2',
    '--health-on-failure',
    'kill',
    '--health-start-period',
    '1m',
    'debian',
  ],
  [
    '--health-cmd',
    '["CMD","a b"]',
    '--health-interval',
    'disable',
    '--health-startup-cmd',
    'x',
    '--health-startup-retries',
    '2',
    '--health-startup-interval',
    '3s',
    '--health-startup-success',
    '2',
    '--health-startup-timeout',
    '4s',
    '--health-start-interval',
    '2s',
    '--health-max-log-count',
    '9',
    '--health-max-log-size',
    '0',
    'debian',
  ],
  ['--no-healthcheck', 'debian'],
  [
    '--add-host',
    'a:1.2.3.4',
    '--dns',
    '1.1.1.1',
    '--dns-search',
    '.',
    '--dns-option',
    'ndots:3',
    '--group-add',
    'audio',
    '--umask',
    '077',
    '--oom-score-adj',
    '-5',
    '--tz',
    'UTC',
    'debian',
  ],
  [
    '--no-hosts',
    '--dns',
    'none',
    '--group-add',
    'keep-groups',
    '--unsetenv',
    'A',
    '--pidfile',
    '/tmp/p',
    '--conmon-pidfile',
    '/tmp/m',
    '--timeout',
    '5',
    '--init',
    '--personality',
    'LINUX32',
    'debian',
  ],
  [
    '--unsetenv-all',
    '--init-path',
    '/bin/tini',
    '--shm-size',
    '1m',
    '--shm-size-systemd',
    '8m',
    '--sysctl',
    'net.a=1',
    '--device',
    '/dev/a:/dev/b:rw',
    '--device',
    '/dev/c:r',
    '--device-cgroup-rule',
    'c 1:* rwm',
    'debian',
  ],
  ['--device', 'v.com/c=a', '--gpus', '2', 'debian'],
  ['--gpus', 'all', '--gpus', 'driver=amd,"device=0,1","capabilities=compute,utility"', 'debian'],
  ['--gpus', 'driver=nvidia,count=all', '--gpus', 'device=GPU-1', 'debian'],
  [
    '--pid',
    'container:x',
    '--ipc',
    'none',
    '--uts',
    'host',
    '--cgroupns',
    'host',
    '--annotation',
    'a=b=c',
    '--requires',
    'db,cache',
    'debian',
  ],
  ['--pid', 'ns:/p', '--ipc', 'shareable', '--uts', 'container:x', '--cgroupns', 'container:x', 'debian'],
  [
    '--memory',
    '512m',
    '--memory-swap',
    '-1',
    '--memory-reservation',
    '1g',
    '--memory-swappiness',
    '5',
    '--cpus',
    '1.5',
    '--cpu-shares',
    '3',
    '--cpuset-cpus',
    '0-1',
    '--cpuset-mems',
    '0',
    '--pids-limit',
    '-1',
    '--blkio-weight',
    '20',
    '--oom-kill-disable',
    'debian',
  ],
  ['--network', 'container:web', 'debian'],
  ['--sdnotify', 'conmon', '--cgroup-parent', '/mine', 'debian'],
  ['--systemd', 'always', 'debian'],
  ['--systemd', 'false', 'debian'],
  ['--sdnotify', 'healthy', '--health-cmd', 'true', 'debian'],
  [
    '--hosts-file',
    '/etc/h',
    '--no-hostname',
    '--chrootdirs',
    '/srv/root,/other',
    '--domainname',
    'd',
    '--read-only-tmpfs=false',
    '--cpu-rt-period',
    '5000',
    '--cpu-rt-runtime',
    '4000',
    'debian',
  ],
  [
    '--blkio-weight-device',
    '/dev/a:20',
    '--device-read-bps',
    '/dev/a:1mb',
    '--device-write-bps',
    '/dev/b:5',
    '--device-read-iops',
    '/dev/a:7',
    '--device-write-iops',
    '/dev/a:8',
    'debian',
  ],
  ['--passwd=false', '--passwd-entry', '$USERNAME:x:1:1::/:/bin/sh', '--group-entry', 'g:x:1:', '--hostuser', 'root', 'debian'],
  ['--secret', 'a', '--secret', 'b,type=env,target=B', '--secret', 'c,target=/x,uid=1,gid=2,mode=0400', 'debian'],
  ['-v', '/a:/b:idmap', '--mount', 'type=bind,src=/a,dst=/c,idmap=uids=0-1-2#@5-6-1;gids=0-1-1', 'debian'],
  ['--userns', 'keep-id:uid=5', 'debian'],
  ['--userns', 'nomap', 'debian'],
  ['--uidmap', '0:100:5', '--uidmap', '5:0:1', '--gidmap', '0:200:5', 'debian'],
  ['--subuidname', 'a', '--subgidname', 'b', 'debian'],
  ['--cpu-quota', '-1', '--cpu-period', '5000', 'debian'],
  ['-p', '80', '-p', '127.0.0.1:8080:81/udp', '-p', '[::1]:9000-9001:90-91', '-P', '--expose', '99', '--expose', '100-101/sctp', 'debian'],
]

test.each(lines.map((words) => [shellLine(words), words] as const))('%s: described, it asks for the same', async (_line, words) => {
  const options = await optionsOf(words)
  const again = runWords(options)
  expect(await optionsOf(again)).toEqual(options)
  // A shell reads the line as it was meant.
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${shellLine(again)}`], { encoding: 'utf8' })
  expect(printed.split('\0').slice(0, -1)).toEqual(again)
})

describe('flags', () => {
  /** Those that leave nothing behind that could be told, or are another's words. */
  const silent = new Set(
    'all-tags arch attach authfile cert-dir cgroups cidfile creds env-file env-host env-merge http-proxy label-file os pull quiet replace retry retry-delay tls-verify variant tmpfs volume health-log-destination'.split(
      ' ',
    ),
  )

  test('each is one that is tried here, or leaves nothing behind', async () => {
    const tried = new Set<string>()
    for (const words of lines) {
      for (const word of [...words, ...runWords(await optionsOf(words))])
        if (word.startsWith('--')) tried.add(word.slice(2).replace(/=.*/s, ''))
    }
    const untold = Object.keys(containerFlags).filter((name) => !tried.has(name) && !silent.has(name))
    expect(untold).toEqual([])
  })
})
