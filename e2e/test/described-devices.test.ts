import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

/** What a vendor's tool would write: a global part, and devices with nodes, mounts, hooks. */
function vendorSpec(directory: string): string {
  const inside = '{ hookName: startContainer, path: /bin/sh, args: [sh, -c, "echo $FROM > /tmp/inside"], env: [FROM=spec] }'
  const hook = (name: string): string =>
    name === 'startContainer'
      ? inside
      : `{ hookName: ${name}, path: ${directory}/hook.sh, args: [hook.sh, ${name}], env: [FROM=spec], timeout: 20 }`
  const hooks = ['createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'].map((name) => `        - ${hook(name)}`)
  return `cdiVersion: 0.7.0
kind: vendor.com/thing
containerEdits:
  env: [VENDOR=global, FROM_IMAGE=vendor]
  mounts:
    - { hostPath: ${directory}/library, containerPath: /usr/lib/vendor, options: [ro, nosuid, nodev, bind] }
devices:
  - name: 0
    containerEdits:
      env: [THING=zero]
      deviceNodes:
        - { path: /dev/vendor/zero, hostPath: /dev/zero, permissions: rw }
        - path: /dev/fuse
  - name: hooked
    containerEdits:
      hooks:
${hooks.join('\n')}
  - name: slow
    containerEdits:
      hooks:
        - { hookName: createRuntime, path: /bin/sleep, args: [sleep, "60"], timeout: 1 }
  - name: failing
    containerEdits:
      hooks:
        - { hookName: createRuntime, path: /bin/false }
  - name: groups
    containerEdits:
      additionalGids: [5, 0, 44]
  - name: foreign
    containerEdits:
      additionalGids: [4000000]
  - name: caches
    containerEdits:
      intelRdt: { closID: a }
  - name: gone
    containerEdits:
      deviceNodes: [{ path: /dev/not-there }]
`
}

const hook = `#!/bin/sh
state=$(grep -c '"id"')
# Longer than anybody who would not wait for it.
[ "$1" != poststop ] || sleep 0.7
echo "$1 $FROM $state $(id -u)" >> "$(dirname "$0")/log"
`

asEachRole(({ role, sandbox, busybox }) => {
  const write = (path: string, text: string, mode = 0o644): string => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    chmodSync(path, mode)
    for (let at = path; at.startsWith(sandbox().home); at = dirname(at)) chownSync(at, role.uid, role.gid)
    return path
  }
  const vendor = (): string => join(sandbox().home, 'vendor')
  /** The directory of specs, as it is before each test. */
  const specs = (): string => {
    const directory = vendor()
    rmSync(join(directory, 'log'), { force: true })
    write(join(directory, 'hook.sh'), hook, 0o755)
    write(join(directory, 'library/lib.so'), 'library\n')
    write(join(directory, 'cdi/vendor.yaml'), vendorSpec(directory))
    return join(directory, 'cdi')
  }
  const flags = (...more: readonly string[]): readonly string[] => ['--cdi-spec-dir', specs(), 'run', '--rm', '--network', 'none', ...more]
  const run = (script: string, ...more: readonly string[]): Promise<string> =>
    sandbox().ok([...flags(...more), busybox, 'sh', '-c', script])
  const refused = async (...more: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright([...flags(...more), busybox, 'true'])
    expect(code, stderr).toBeGreaterThanOrEqual(125)
    return stderr
  }

  test('nodes, mounts and variables of a device and of its spec', async () => {
    const look = `echo $VENDOR $THING $FROM_IMAGE $MINE
      cat /usr/lib/vendor/lib.so; touch /usr/lib/vendor/x 2>/dev/null || echo read-only
      head -c 2 /dev/vendor/zero | od -An -tx1 | tr -d ' '; stat -c %t:%T /dev/vendor/zero
      : 3<>/dev/fuse && echo fuse opens; id -G`
    const device = ['--device', 'vendor.com/thing=0', '--device', 'vendor.com/thing=groups']
    const groups = role.rootless ? '0' : '0'
    const seen = await run(look, '-e', 'FROM_IMAGE=mine', '-e', 'MINE=mine', ...device)
    expect(seen).toMatch(new RegExp(`^global zero vendor mine\nlibrary\nread-only\n0000\n1:5\nfuse opens\n${groups} (10 )?5 44$`))
  })

  test('nodes belong to the user of the container, and to nobody else’s namespace', async () => {
    if (role.rootless) {
      // They are the host's own, bound: what their file permits.
      expect(await run('stat -c %u:%g:%a /dev/fuse; id -u', '--device', 'vendor.com/thing=0', '-u', '1000:100')).toBe(
        '65534:65534:666\n1000',
      )
      return
    }
    expect(await run('stat -c %u:%g /dev/fuse', '--device', 'vendor.com/thing=0', '-u', '1000:100')).toBe('1000:100')
    // Root in there is somebody else, who has to pass.
    for (const path of [sandbox().directory, sandbox().home]) chmodSync(path, 0o711)
    const mapped = ['--uidmap', '0:100000:65536', '--gidmap', '0:100000:65536']
    expect(
      await run('head -c 1 /dev/vendor/zero | od -An -tx1; : 3<>/dev/fuse && echo opens', '--device', 'vendor.com/thing=0', ...mapped),
    ).toBe('00\nopens')
  })

  test('what a control group allows', async () => {
    const node = (permissions: string): object => ({ deviceNodes: [{ path: '/dev/x', hostPath: '/dev/fuse', permissions }] })
    const spec = {
      cdiVersion: '0.5.0',
      kind: 'v/c',
      devices: [
        { name: 'r', containerEdits: node('r') },
        { name: 'none', containerEdits: node('none') },
      ],
    }
    const path = write(join(specs(), 'rules.json'), JSON.stringify(spec))
    const { code, stdout, stderr } = await sandbox().podwright([
      ...flags('--device', 'v/c=r'),
      busybox,
      'sh',
      '-c',
      '(: 3</dev/x) 2>/dev/null && echo reads; (: 3>/dev/x) 2>/dev/null && echo writes; true',
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: role.rootless ? 'reads\nwrites\n' : 'reads\n' })
    if (role.rootless) expect(stderr).toContain('the access "r" to /dev/x is not enforced')
    else expect(await run('(: 3</dev/x) 2>/dev/null || echo closed', '--device', 'v/c=none')).toBe('closed')
    rmSync(path)
  })

  test('hooks are run at their moments, with their arguments and the container’s state', async () => {
    expect(await run('cat /tmp/inside; sleep 0.2', '--device', 'vendor.com/thing=hooked')).toBe('spec')
    const log = readFileSync(join(vendor(), 'log'), 'utf8')
    const lines = ['createRuntime', 'createContainer', 'poststart', 'poststop'].map((name) => `${name} spec 1 0\n`)
    expect(log).toBe(lines.join(''))
  })

  test('a hook that fails, or takes longer than it may, is the end of it', async () => {
    expect(await refused('--device', 'vendor.com/thing=failing')).toMatch(/hook/i)
    const before = Date.now()
    expect(await refused('--device', 'vendor.com/thing=slow')).toMatch(/hook|timeout|timed out/i)
    expect(Date.now() - before).toBeLessThan(50_000)
    expect(await sandbox().ok(['ps', '-a', '-q'])).toBe('')
  })

  test('what cannot be given is told when it is asked for', async () => {
    expect(await refused('--device', 'vendor.com/thing=7')).toContain(
      `Error: cannot find the device vendor.com/thing=7: no spec in ${vendor()}/cdi has it`,
    )
    expect(await refused('--device', 'vendor.com/thing=7')).toContain('There are: vendor.com/thing=0, ')
    expect(await refused('--device', 'vendor.com/thing')).toContain('nor a name as vendor.com/class=name')
    expect(await refused('--device', 'vendor.com/thing=gone')).toContain('cannot use the device node /dev/not-there: ')
    if (role.rootless) expect(await refused('--device', 'vendor.com/thing=foreign')).toContain('cannot give it the group 4000000')
    if (role.rootless || !existsSync('/sys/fs/resctrl/schemata')) {
      expect(await refused('--device', 'vendor.com/thing=caches')).toContain('cannot limit its use of caches, as a device asks: ')
    }
    const moving = {
      cdiVersion: '1.1.0',
      kind: 'v/net',
      devices: [{ name: 'a', containerEdits: { netDevices: [{ hostInterfaceName: 'eth7', name: 'net0' }] } }],
    }
    const path = write(join(specs(), 'net.json'), JSON.stringify(moving))
    expect(await refused('--device', 'v/net=a')).toContain('cannot give it the network interface eth7')
    rmSync(path)
  })

  test('a container keeps the name: each start looks it up, fails when it is gone, and has what is there by then', async () => {
    const directory = specs()
    const file = join(directory, 'vendor.yaml')
    const { ok, podwright } = sandbox()
    await ok([
      '--cdi-spec-dir',
      directory,
      'create',
      '--name',
      'kept',
      '--network',
      'none',
      '--device',
      'vendor.com/thing=0',
      busybox,
      'sh',
      '-c',
      'echo $THING',
    ])
    // Where the specs are is kept, too: nobody who starts it need say it.
    expect(await ok(['start', '-a', 'kept'])).toBe('zero')
    write(file, vendorSpec(vendor()).replace('THING=zero', 'THING=other'))
    expect(await ok(['start', '-a', 'kept'])).toBe('other')
    rmSync(file)
    const { code, stderr } = await podwright(['start', 'kept'])
    expect({ code, stderr }).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('cannot find the device vendor.com/thing=0') as string,
    })
    specs()
    expect(await ok(['start', '-a', 'kept'])).toBe('zero')
    const inspected = await ok(['inspect', 'kept', '--format', '{{json .HostConfig.DeviceRequests}}'])
    expect(JSON.parse(inspected)).toEqual([
      { Driver: 'cdi', Count: 0, DeviceIDs: ['vendor.com/thing=0'], Capabilities: null, Options: null },
    ])
    const described = await ok(['describe', 'kept'])
    expect(described).toContain('--device vendor.com/thing=0')
    expect(described).toContain(`--cdi-spec-dir ${directory}`)
    await ok(['container', 'clone', '--destroy', 'kept', 'copy'])
    expect(await ok(['start', '-a', 'copy'])).toBe('zero')
    await ok(['rm', 'copy'])
  })

  test('--gpus, with the devices that there are', async () => {
    const gpu = (name: string): object => ({ name, containerEdits: { env: [`GPU_${name.toUpperCase()}=yes`] } })
    const spec = { cdiVersion: '0.5.0', kind: 'nvidia.com/gpu', devices: ['0', '1', 'all', 'a'].map(gpu) }
    expect(await refused('--gpus', 'all')).toMatch(/cannot find a GPU: [^]*nvidia-ctk cdi generate --output=\/etc\/cdi\/nvidia\.yaml/)
    const path = write(join(specs(), 'nvidia.json'), JSON.stringify(spec))
    const look = 'env | grep ^GPU_ | sort | tr "\\n" " "'
    expect(await run(look, '--gpus', 'all')).toBe('GPU_ALL=yes')
    expect(await run(look, '--gpus=2')).toBe('GPU_0=yes GPU_1=yes')
    expect(await run(look, '--gpus', '"device=1,a",capabilities=utility')).toBe('GPU_1=yes GPU_A=yes')
    expect(await refused('--gpus', '3')).toContain('There are: nvidia.com/gpu=0, nvidia.com/gpu=1')
    expect(await refused('--gpus', 'driver=amd')).toContain('amd-ctk')
    rmSync(path)
  })

  test('what there is, and what is broken, in doctor, info and completion', async () => {
    const directory = specs()
    const broken = write(
      join(directory, 'broken.json'),
      '{"cdiVersion": "0.6.0", "kind": "vendor.com/other", "devices": [{ "name": "x" }]}',
    )
    const { ok, podwright } = sandbox()
    expect(await run('true', '--device', 'vendor.com/thing=0')).toBe('')
    expect(await refused('--device', 'vendor.com/other=x')).toContain(`${broken} is left out: devices[0].containerEdits is missing.`)
    const info = await ok(['--cdi-spec-dir', directory, 'info'])
    expect(info).toContain(`left out:\n    ${broken}: devices[0].containerEdits is missing`)
    expect(info).toContain('    vendor.com/thing=0\n')
    expect(JSON.parse(await ok(['--cdi-spec-dir', directory, 'info', '-f', '{{json .DiscoveredDevices}}']))).toContainEqual({
      Source: 'cdi',
      ID: 'vendor.com/thing=0',
    })
    const { stdout } = await podwright(['--cdi-spec-dir', directory, 'doctor'])
    expect(stdout).toMatch(/Devices by name \(CDI\)[^]*vendor\.com\/thing=0,[^]*left\s+out:\s/)
    rmSync(broken)
  })

  if (role.rootless) {
    test('a plain user’s own directories', async () => {
      const own = [join(sandbox().home, '.config/cdi/a.yaml'), join(sandbox().env['XDG_RUNTIME_DIR'] ?? '', 'cdi/a.yaml')]
      const text = (from: string): string =>
        `cdiVersion: 0.5.0\nkind: own.org/x\ndevices: [{ name: a, containerEdits: { env: [OWN=${from}] } }]\n`
      const look = async (): Promise<string> =>
        sandbox().ok(['run', '--rm', '--network', 'none', '--device', 'own.org/x=a', busybox, 'sh', '-c', 'echo $OWN'])
      write(own[0]!, text('config'))
      expect(await look()).toBe('config')
      mkdirSync(dirname(own[1]!))
      writeFileSync(own[1]!, text('run'))
      expect(await look()).toBe('run')
      rmSync(dirname(own[0]!), { recursive: true })
      rmSync(dirname(own[1]!), { recursive: true })
    })
  }

  if (!role.rootless) {
    test('a block device of the host', async ({ skip }) => {
      const loop = existsSync('/dev') ? readdirSync('/dev').find((name) => /^loop\d+$/.test(name)) : undefined
      skip(loop === undefined, 'needs a loop device')
      const spec = {
        cdiVersion: '0.5.0',
        kind: 'v/b',
        devices: [{ name: 'a', containerEdits: { deviceNodes: [{ path: '/dev/disk', hostPath: `/dev/${loop}`, permissions: 'r' }] } }],
      }
      const path = write(join(specs(), 'block.json'), JSON.stringify(spec))
      expect(await run('[ -b /dev/disk ] && dd if=/dev/disk of=/dev/null count=0 2>/dev/null && echo opens', '--device', 'v/b=a')).toBe(
        'opens',
      )
      rmSync(path)
    })
  }
})
