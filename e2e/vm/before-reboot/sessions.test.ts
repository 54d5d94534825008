import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { groupOf, until, user, withImage } from '../harness/shell.ts'

const setting = '/etc/systemd/logind.conf.d/kill.conf'

void test('user: a container, its monitor and its keeper outlive the session that started them, even where logind kills what is left of it', async () => {
  withImage(user)
  mkdirSync('/etc/systemd/logind.conf.d', { recursive: true })
  writeFileSync(setting, '[Login]\nKillUserProcesses=yes\n')
  execFileSync('systemctl', ['restart', 'systemd-logind'])
  try {
    // What stays in the session's group is killed: without that, this test could not fail.
    const [left = '', pid = '', monitorPid = ''] = user
      .sh(
        `podwright run -d --name outliving --restart always busybox sleep 88888 >/dev/null
         setsid sleep 99999 >/dev/null 2>&1 & echo $!
         podwright inspect outliving --format '{{.State.Pid}} {{.State.ConmonPid}}'`,
      )
      .split(/\s+/)
    const isAlive = (id: string): boolean => user.attempt(`kill -0 ${id}`).status === 0
    await until('what the session left is killed', () => !isAlive(left))
    await sleep(1000)
    assert.ok(isAlive(pid) && isAlive(monitorPid))
    assert.match(groupOf(monitorPid), /\/user@1000\.service\//)

    // Its keeper, too: nobody else would start it again.
    user.sh(`kill -KILL ${pid}`)
    await until('it runs again', () => user.attempt('pgrep -f "^sleep 88888"').status === 0)
    assert.equal(user.sh(`podwright inspect outliving --format '{{.RestartCount}}'`), '1')

    // Also one that a command has started which only looks, and itself stays in the session.
    const keeper = 'pgrep -u tester -f -- "--runroot .* --worker"'
    user.sh(`kill -KILL $(${keeper}); podwright ps >/dev/null; sleep 2`)
    await until('it has left the session', () => groupOf(user.sh(keeper)).includes('/user@1000.service/'))
  } finally {
    rmSync(setting)
    execFileSync('systemctl', ['restart', 'systemd-logind'])
    user.attempt('podwright rm -f -t 0 outliving')
  }
})
