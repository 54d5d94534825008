import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Wish } from '../container.ts'
import { type Context, output } from './context.ts'

export function describeProtection({ make, mode }: Context): void {
  const status = async (input: Partial<Wish>, uid = '0'): Promise<Map<string, string>> => {
    const text = await output(make, { command: ['cat', '/proc/self/status'], process: { user: uid }, ...input })
    return new Map(text.split('\n').map((line) => [line.split(':')[0] ?? '', line.split(':\t')[1] ?? '']))
  }

  test('has Podman’s capabilities and a seccomp filter', async () => {
    const facts = await status({})
    expect(facts.get('CapEff')).toBe('00000000800405fb')
    expect(facts.get('CapBnd')).toBe('00000000800405fb')
    expect(facts.get('CapInh')).toBe('0000000000000000')
    expect(facts.get('Seccomp')).toBe('2')
    expect(facts.get('NoNewPrivs')).toBe('0')
  })

  test('the filter is the same when it is taken from the cache', async () => {
    const command = ['sh', '-c', 'grep Seccomp_filters /proc/self/status; unshare -U true 2>&1; echo; chroot / true && echo may chroot']
    const first = await output(make, { command })
    expect(await output(make, { command })).toBe(first)
    expect(first).toContain('may chroot')
  })

  test('another user has none, but what is added', async () => {
    const input = { security: { capabilitiesAdd: ['net_admin'], capabilitiesDrop: ['KILL'], noNewPrivileges: true } }
    const facts = await status({ input, process: { user: 'www' } })
    expect(facts.get('CapEff')).toBe('0000000000001000')
    expect(facts.get('CapAmb')).toBe('0000000000001000')
    expect(facts.get('CapBnd')).toBe('00000000800415db')
    expect(facts.get('Groups')?.trim()).toBe('33 44')
    expect(facts.get('NoNewPrivs')).toBe('1')
    expect(facts.get('Seccomp')).toBe('0')
  })

  test('hides and protects', async () => {
    const script = 'cat /proc/timer_list | wc -c; echo 1 > /proc/sys/kernel/hostname; ls /sys/firmware | wc -l; touch /sys/x'
    const text = await output(make, { command: ['sh', '-c', `(${script}) 2>&1`] })
    expect(text).toMatch(/^0\nsh: .*\/proc\/sys\/kernel\/hostname: Read-only file system\n0\ntouch: \/sys\/x: /)
  })

  test('devices, terminals, shared memory, names', async () => {
    const script = 'ls /dev | tr "\\n" " "; mount | grep -E "shm|mqueue|devpts"; hostname; echo $HOSTNAME; echo $container; ls -ld /dev/shm'
    const text = await output(make, { command: ['sh', '-c', script], input: { hostname: 'box' } })
    for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'pts', 'shm', 'mqueue'])
      expect(text).toContain(`${name} `)
    expect(text).toContain('shm on /dev/shm type tmpfs (rw,nosuid,nodev,noexec,relatime,size=65536k')
    expect(text).toContain('mqueue on /dev/mqueue')
    expect(text).toContain('drwxrwxrwt')
    expect(text).toContain('box\nbox\npodwright\n')
  })

  if (mode === 'rootless') {
    test('the host’s network, rootless', async () => {
      const text = await output(make, { command: ['sh', '-c', 'ls /sys/class/net; hostname'], input: { namespaces: { network: 'host' } } })
      const { networkInterfaces, hostname } = await import('node:os')
      for (const name of Object.keys(networkInterfaces())) expect(text).toContain(name)
      expect(text).toContain(hostname())
    })
  }

  test('privileged', async () => {
    const facts = await status({ input: { security: { privileged: true } } })
    const own = /^CapBnd:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
    const all = mode === 'root' ? own : facts.get('CapBnd')
    expect(facts.get('CapEff')).toBe(all)
    expect(BigInt(`0x${all}`) & 0xffn).toBe(0xffn)
    expect(facts.get('Seccomp')).toBe('0')
  })
}
