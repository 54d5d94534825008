import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import { type RunResult, start } from '../harness/run.ts'

const journald = '/lib/systemd/systemd-journald'

/** A journal that is seen only by what enters its mount namespace, and that takes nothing from this host. */
const script = `
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal || exit
printf '[Journal]\\nStorage=volatile\\nAudit=no\\nReadKMsg=no\\nRateLimitBurst=0\\n' >/run/systemd/journald.conf.d/own.conf
exec ${journald}
`

asEachRole(({ role, sandbox, busybox }) => {
  // Only root mounts, and reads the journal of a host.
  if (role.rootless) return

  test('--log-driver journald: a real journal has the lines, and logs reads them', async (context) => {
    context.skip(!existsSync(journald), 'needs systemd')
    await sandbox().ok(['pull', '-q', busybox])
    const journal = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], { stdio: 'ignore' })
    try {
      const within = (words: readonly string[]): Promise<RunResult> =>
        start(['nsenter', `--mount=/proc/${journal.pid}/ns/mnt`, '--', ...words], sandbox().env).result
      const podwright = (...args: readonly string[]): Promise<RunResult> => within(sandbox().words(args))
      while ((await within(['test', '-S', '/run/systemd/journal/socket'])).code !== 0) await sleep(20)

      const flags = ['--network', 'none', '--log-driver', 'journald', '--log-opt', 'tag={{.Name}}-x']
      const lines = 'echo one; echo; echo err >&2; sleep 0.2; seq 1 500; sleep 0.5; printf part'
      await podwright('run', '-d', '--name', 'told', ...flags, busybox, 'sh', '-c', lines)
      const all = `one\n\n${Array.from({ length: 500 }, (_, index) => `${index + 1}\n`).join('')}part`
      expect(await podwright('logs', '-f', 'told')).toMatchObject({ code: 0, stdout: all, stderr: 'err\n' })
      expect(await podwright('logs', 'told')).toMatchObject({ code: 0, stdout: all, stderr: 'err\n' })
      expect(await podwright('logs', '--tail', '2', 'told')).toMatchObject({ code: 0, stdout: '500\npart' })
      expect(await podwright('logs', '--since', '1h', '--until', '30m', 'told')).toMatchObject({ code: 0, stdout: '' })
      expect((await podwright('logs', '-t', '--tail', '2', 'told')).stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}000Z 500\n/)
      expect((await within(['journalctl', '-q', '-o', 'cat', 'CONTAINER_TAG=told-x', '-n', '2'])).stdout).toMatch(/^500\s+part/)
      await podwright('rm', 'told')
    } finally {
      journal.kill()
    }
  })
})
