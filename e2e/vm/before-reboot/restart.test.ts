import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roles, withImage } from '../harness/shell.ts'

// What becomes of these is told after the reboot.
for (const role of roles) {
  void test(`${role.name}: the first container with a restart policy turns the unit on`, () => {
    withImage(role)
    role.sh('podwright run -d --name kept --restart always busybox sleep 100000')
    role.sh('podwright run -d --name stopped --restart unless-stopped busybox sleep 100001')
    role.sh('podwright stop -t 0 stopped')
    const systemctl = role.name === 'root' ? 'systemctl' : 'systemctl --user'
    role.sh(`${systemctl} daemon-reload`)
    assert.equal(role.sh(`${systemctl} is-enabled podwright-restart.service`), 'enabled')
    assert.match(role.sh('podwright system boot'), /starts containers with the restart policies always and unless-stopped after a reboot\./)
  })
}
