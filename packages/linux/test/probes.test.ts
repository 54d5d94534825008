import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { probeCgroups } from '../src/cgroups.ts'
import { readDistribution } from '../src/distribution.ts'
import { probeFileSystem } from '../src/file-systems.ts'
import {
  isKernelAtLeast,
  kernelVersion,
  probeDevice,
  probeMemory,
  probeOverlay,
  probeSecurity,
  probeUserNamespaces,
} from '../src/kernel-facts.ts'
import { parseLimits, readLimits } from '../src/limits.ts'
import { mountOf, parseMounts, readMounts } from '../src/mount-info.ts'

describe('kernelVersion', () => {
  test.each([
    ['6.18.0-rc1+', 6, 18],
    ['5.15.167.4-microsoft-standard-WSL2', 5, 15],
    ['strange', 0, 0],
  ])('%s', (text, major, minor) => expect(kernelVersion(text)).toEqual({ release: text, major, minor }))

  test('compares', () => {
    const version = kernelVersion('5.11.2')
    expect([
      isKernelAtLeast(5, 11, version),
      isKernelAtLeast(4, 20, version),
      isKernelAtLeast(5, 12, version),
      isKernelAtLeast(6, 0, version),
    ]).toEqual([true, true, false, false])
    expect(kernelVersion().release).toBe(release())
  })
})

describe('readDistribution', () => {
  const read = (text: string): ReturnType<typeof readDistribution> => {
    const directory = mkdtempSync(join(tmpdir(), 'podwright-os-'))
    writeFileSync(join(directory, 'os-release'), text)
    const distribution = readDistribution([join(directory, 'missing'), join(directory, 'os-release')])
    rmSync(directory, { recursive: true })
    return distribution
  }

  test.each([
    [
      'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\nID_LIKE=debian\n',
      'ubuntu',
      '24.04',
      'Ubuntu 24.04.1 LTS',
      'debian',
    ],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME=\'Rocky 9\'', 'rocky', '9.4', 'Rocky 9', 'fedora'],
    ['ID=arch\nPRETTY_NAME="Arch \\"Linux\\""\n', 'arch', '', 'Arch "Linux"', 'arch'],
    ['ID=nixos\nNAME=NixOS\n', 'nixos', '', 'NixOS', undefined],
    ['', 'linux', '', 'Linux', undefined],
  ])('%s', (text, id, version, prettyName, family) => expect(read(text)).toEqual({ id, version, prettyName, family }))

  test('no file at all', () => expect(readDistribution(['/missing'])).toMatchObject({ id: 'linux', family: undefined }))
})

describe('mounts', () => {
  const text = [
    '22 27 0:21 / /proc rw,nosuid - proc proc rw',
    '27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard',
    '90 27 0:50 /sub /mnt/a\\040b\\134c rw,noexec - overlay over\\040lay rw,lowerdir=/l',
    '91 90 0:51 / /mnt/a\\040b\\134c rw - tmpfs top rw',
    '',
  ].join('\n')

  test('are parsed, with what is escaped', () => {
    const mounts = parseMounts(text)
    expect(mounts).toHaveLength(4)
    expect(mounts[1]).toMatchObject({ device: '254:0', target: '/', options: ['rw', 'relatime'], propagation: ['shared:1', 'master:2'] })
    expect(mounts[2]).toMatchObject({ id: 90, parentId: 27, root: '/sub', target: '/mnt/a b\\c', type: 'overlay', source: 'over lay' })
    expect(mounts[2]?.superOptions).toEqual(['rw', 'lowerdir=/l'])
  })

  test.each([
    ['/mnt/a b\\c/x', 91],
    ['/mnt/a b\\cd', 27],
    ['/proc', 22],
    ['/process', 27],
    ['/', 27],
  ])('%s lies on %d', (path, id) => expect(mountOf(path, parseMounts(text))?.id).toBe(id))

  test("are this process's own, and none for no process", () => {
    expect(readMounts().some(({ target }) => target === '/proc')).toBe(true)
    expect(readMounts(2 ** 22 + 1)).toEqual([])
  })
})

describe('limits', () => {
  test('are parsed by name', () => {
    const limits = parseLimits(
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 20000                files     \nMax cpu time              unlimited            unlimited            seconds   \n',
    )
    expect([...limits]).toEqual([
      ['nofile', { soft: 1024, hard: 20_000 }],
      ['cpu', { soft: Infinity, hard: Infinity }],
    ])
  })

  test('agree with the shell', () => {
    const hard = execFileSync('sh', ['-c', 'ulimit -H -n'], { encoding: 'utf8' }).trim()
    expect(readLimits().get('nofile')?.hard).toBe(hard === 'unlimited' ? Infinity : Number(hard))
    expect(readLimits().size).toBe(16)
    expect(readLimits(2 ** 22 + 1).size).toBe(0)
  })
})

describe('file systems', () => {
  test('have the name that stat gives them', () => {
    const name = execFileSync('stat', ['-f', '-c', '%T', tmpdir()], { encoding: 'utf8' }).trim()
    expect(probeFileSystem(tmpdir())?.type).toBe(name === 'ext2/ext3' ? 'ext4' : name)
    expect(probeFileSystem('/proc')).toMatchObject({ type: 'proc', network: false })
    expect(probeFileSystem('/missing')).toBeUndefined()
  })
})

describe('facts of this machine', () => {
  test('cgroups agree with the mounts', () => {
    const facts = probeCgroups()
    const mounts = readMounts()
    const v2 = mounts.some(({ target, type }) => target === '/sys/fs/cgroup' && type === 'cgroup2')
    const v1 = mounts.some(({ type }) => type === 'cgroup')
    expect(facts.mode === 'v2').toBe(v2)
    expect(['v1', 'hybrid'].includes(facts.mode)).toBe(!v2 && v1)
    expect(facts.path === undefined || facts.path.startsWith('/sys/fs/cgroup')).toBe(true)
  })

  test('memory is what Node says', () => {
    expect(probeMemory().totalBytes).toBe(totalmem())
    expect(probeMemory('MemTotal:  2 kB\nSwapFree: 1 kB\n')).toEqual({
      totalBytes: 2048,
      availableBytes: 0,
      swapTotalBytes: 0,
      swapFreeBytes: 1024,
    })
  })

  test('devices, user namespaces, overlay and security modules are told without an exception', () => {
    expect(probeDevice('/dev/null')).toEqual({ path: '/dev/null', present: true, usable: true })
    expect(probeDevice('/dev/missing')).toMatchObject({ present: false, usable: false })
    const facts = probeUserNamespaces()
    expect(facts.allowed && !facts.supported).toBe(false)
    expect(probeOverlay().loaded).toBe(readFileSync('/proc/filesystems', 'utf8').includes('overlay'))
    expect(probeSecurity().seccomp).toBe(true)
  })
})
