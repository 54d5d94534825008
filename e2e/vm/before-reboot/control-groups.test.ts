import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { groupOf, roles, until, withImage } from '../harness/shell.ts'

const valueOf = (group: string, file: string): string => readFileSync(join(group, file), 'utf8').trim()

/** Groups that are named after a container, anywhere. */
function groupsOf(id: string): readonly string[] {
  const entries = readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' })
  return entries.filter((path) => path.includes(id) && existsSync(join('/sys/fs/cgroup', path, 'cgroup.procs')))
}

for (const role of roles) {
  void test(`${role.name}: limits hold in the container's own control group, can be changed, and leave nothing behind`, async () => {
    withImage(role)
    const id = role.sh('podwright run -d --name limited --memory 64m --cpus 0.5 --pids-limit 50 busybox sleep 1000')
    const pid = role.sh(`podwright inspect limited --format '{{.State.Pid}}'`)
    const group = groupOf(pid)
    assert.ok(group.includes(id), group)
    if (role.name === 'user') assert.match(group, /\/user@1000\.service\/user\.slice\/podwright-[0-9a-f]{64}\.scope\/container$/)
    assert.equal(valueOf(group, 'memory.max'), String(64 * 2 ** 20))
    assert.equal(valueOf(group, 'cpu.max'), '50000 100000')
    assert.equal(valueOf(group, 'pids.max'), '50')

    assert.match(role.sh('podwright stats --no-stream limited'), /\/ 64MiB/)
    role.sh('podwright pause limited')
    assert.match(valueOf(group, 'cgroup.events'), /frozen 1/)
    assert.equal(role.sh(`podwright inspect limited --format '{{.State.Status}}'`), 'paused')
    role.sh('podwright unpause limited')
    assert.match(valueOf(group, 'cgroup.events'), /frozen 0/)
    role.sh('podwright update --memory 100m limited')
    assert.equal(valueOf(group, 'memory.max'), String(100 * 2 ** 20))
    assert.match(role.sh('podwright top limited'), /sleep 1000/)
    // Its client is in the group of a login, from which a plain user may move nothing.
    assert.equal(role.sh('podwright exec limited cat /proc/self/cgroup'), '0::/')

    role.sh('podwright rm -f -t 0 limited')
    await until('its groups are gone', () => groupsOf(id).length === 0)
  })

  void test(`${role.name}: a container that is out of memory says so`, () => {
    withImage(role)
    const line = 'podwright run --name hungry --memory 32m --memory-swap 32m busybox sh -c "tail /dev/zero"'
    assert.equal(role.attempt(line).status, 137)
    assert.equal(role.sh(`podwright inspect hungry --format '{{.State.OOMKilled}}'`), 'true')
    role.sh('podwright rm hungry')
  })

  void test(`${role.name}: --cgroupns says whether the container sees where its group lies`, () => {
    withImage(role)
    assert.equal(role.sh('podwright run --rm busybox cat /proc/self/cgroup'), '0::/')
    assert.match(role.sh('podwright run --rm --cgroupns host busybox cat /proc/self/cgroup'), /^0::\/.*[0-9a-f]{64}/)
  })
}
