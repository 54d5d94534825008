import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { root, type Role, roles, until, withImage } from '../harness/shell.ts'

/** Where the role's own units are, and its systemctl. */
function managerOf(role: Role): { readonly directory: string; readonly systemctl: string } {
  if (role === root) return { directory: '/etc/systemd/system', systemctl: 'systemctl' }
  role.sh('mkdir -p ~/.config/systemd/user')
  return { directory: '/home/tester/.config/systemd/user', systemctl: 'systemctl --user' }
}

function unit(role: Role, name: string, text: string): void {
  const { directory, systemctl } = managerOf(role)
  writeFileSync(`${directory}/${name}`, text)
  role.sh(`${systemctl} daemon-reload`)
}

for (const role of roles) {
  const { systemctl } = managerOf(role)

  void test(`${role.name}: a unit of type notify is ready with its container, ends with it, and is its`, async () => {
    withImage(role)
    const podwright = '/usr/local/bin/podwright'
    unit(
      role,
      'told.service',
      `[Service]
Type=notify
NotifyAccess=all
Restart=no
TimeoutStartSec=60
ExecStartPre=/bin/rm -f %t/%n.ctr-id
ExecStart=${podwright} run --cidfile=%t/%n.ctr-id --cgroups=no-conmon --rm --sdnotify=conmon --replace -d --name told busybox sleep 77777
ExecStop=${podwright} stop -t 0 --ignore --cidfile=%t/%n.ctr-id
ExecStopPost=${podwright} rm -f -t 0 --ignore --cidfile=%t/%n.ctr-id
`,
    )
    role.sh(`${systemctl} start told.service || { journalctl -q -n 30 -o cat; exit 1; }`)
    const monitor = role.sh(`podwright inspect told --format '{{.State.ConmonPid}}'`)
    assert.equal(role.sh(`${systemctl} show --value -p MainPID -p ActiveState told.service | sort | tr '\\n' ' '`), `${monitor} active`)
    role.sh(`${systemctl} stop told.service`)
    assert.equal(role.attempt('podwright container exists told').status, 1)

    // A container that dies takes the unit along.
    role.sh(`${systemctl} start told.service`)
    role.sh('podwright kill told')
    await until('the unit has ended', () => role.attempt(`${systemctl} is-active --quiet told.service`).status !== 0)
    assert.equal(role.attempt('podwright container exists told').status, 1)
  })

  void test(`${role.name}: a socket unit’s connection is the container’s`, async () => {
    withImage(role)
    const socket = role === root ? '/run/greeting' : '/run/user/1000/greeting'
    unit(role, 'greeting.socket', `[Socket]\nListenStream=${socket}\nAccept=yes\n`)
    unit(
      role,
      'greeting@.service',
      `[Service]\nStandardInput=null\nExecStart=/usr/local/bin/podwright run --rm --network none busybox sh -c 'echo hello from $LISTEN_FDS >&3'\n`,
    )
    role.sh(`${systemctl} start greeting.socket`)
    const client = `require('net').connect('${socket}').on('error', console.error).pipe(process.stdout)`
    assert.equal(role.sh(`/opt/podwright/bin/node -e "${client}"`), 'hello from 1')
    role.sh(`${systemctl} stop greeting.socket`)
  })

  void test(`${role.name}: the journal has a container's lines, and logs -f follows them to the end`, () => {
    withImage(role)
    const lines = "sh -c 'seq 1 300; sleep 1; echo last'"
    role.sh(`podwright run -d --name logged --log-driver journald --log-opt tag=mine busybox ${lines}`)
    const all = `${Array.from({ length: 300 }, (_, index) => `${index + 1}\n`).join('')}last`
    assert.equal(role.sh('podwright logs -f logged'), all)
    assert.equal(root.sh('journalctl -q -o cat CONTAINER_TAG=mine -n 1'), 'last')
    root.sh('journalctl --rotate -q && journalctl -q --vacuum-time=1s')
    role.sh('podwright rm logged')
  })

  void test(`${role.name}: systemd is the first process of a container, and is stopped in order`, async () => {
    if (role.attempt('podwright image exists machine').status !== 0) {
      const left = ['boot', 'opt', 'home', 'var', 'usr/share', 'usr/lib/modules', 'usr/lib/x86_64-linux-gnu/dri']
      root.sh(`tar --one-file-system -C / ${left.map((path) => `--exclude=./${path}`).join(' ')} -cf /var/tmp/machine.tar .`)
      role.sh('podwright import -q /var/tmp/machine.tar machine')
    }
    role.sh('podwright run -d --name machine machine /lib/systemd/systemd --unit=basic.target')
    assert.equal(role.sh('podwright exec machine cat /proc/1/comm'), 'systemd')
    await until('it has come up', () => role.attempt('podwright exec machine systemctl is-active --quiet basic.target').status === 0)
    // It makes control groups of its own in what it was given.
    assert.match(role.sh('podwright exec machine cat /proc/1/cgroup'), /^0::\/init\.scope$/)
    role.sh('podwright exec machine systemd-run --quiet --unit=own sleep 66666')
    assert.match(role.sh(`podwright exec machine sh -c 'cat /proc/$(systemctl show --value -p MainPID own)/cgroup'`), /own\.service$/)
    role.sh('podwright stop -t 50 machine')
    // Killed, it would be 137.
    assert.notEqual(role.sh(`podwright inspect machine --format '{{.State.ExitCode}}'`), '137')
    role.sh('podwright rm machine')
  })

  void test(`${role.name}: doctor finds nothing wrong, and info tells what there is`, () => {
    const { status, stdout } = role.attempt('podwright doctor')
    assert.equal(status, 0, stdout)
    assert.equal(role.sh(`podwright info --format '{{.Host.CgroupsVersion}}'`), 'v2')
  })
}
