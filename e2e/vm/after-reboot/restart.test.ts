import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roles, until } from '../harness/shell.ts'

for (const role of roles) {
  void test(`${role.name}: a reboot brings back a container that is always to run, and leaves alone one that was stopped`, async () => {
    const systemctl = role.name === 'root' ? 'systemctl' : 'systemctl --user'
    const isOver = (): boolean => role.attempt(`${systemctl} show -P SubState podwright-restart.service`).stdout === 'exited'
    await until('the unit has done its work', isOver, 120)
    // Without a command that would start it by the way.
    assert.equal(role.sh(`${systemctl} show -P Result podwright-restart.service`), 'success')
    assert.match(role.sh('pgrep -u $(id -u) -af "^sleep 10000"'), /^\d+ sleep 100000$/)
    assert.equal(role.sh(`podwright ps -a --format '{{.Names}} {{.State}}' --filter name=kept`), 'kept running')
    assert.equal(role.sh(`podwright ps -a --format '{{.Names}} {{.State}}' --filter name=stopped`), 'stopped exited')
    role.sh('podwright rm -f -t 0 kept stopped')
  })
}
