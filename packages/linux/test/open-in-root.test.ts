import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openInRoot, type OpenInRootOptions } from '../src/open-in-root.ts'

let outside = ''
let root = ''
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'podwright-root-'))
  root = join(outside, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(outside, 'secret'), 'outside')
  writeFileSync(join(root, 'etc/passwd'), 'inside')
  writeFileSync(join(root, 'secret'), 'inside')
})
afterEach(() => rmSync(outside, { recursive: true }))

function read(path: string, options?: OpenInRootOptions): string {
  const fd = openInRoot(root, path, options)
  try {
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

describe('openInRoot', () => {
  test.each(['etc/passwd', '/etc/passwd', '../../../etc/passwd', 'etc/../../secret'])('%s stays inside', (path) => {
    expect(read(path)).toBe('inside')
  })

  test('links, absolute and relative, lead nowhere else', () => {
    symlinkSync('/etc/passwd', join(root, 'absolute'))
    symlinkSync('../../../../../etc/passwd', join(root, 'relative'))
    symlinkSync('/', join(root, 'etc/top'))
    expect(read('absolute')).toBe('inside')
    expect(read('relative')).toBe('inside')
    expect(read('etc/top/etc/top/secret')).toBe('inside')
  })

  test('links are refused on demand', () => {
    symlinkSync('/etc/passwd', join(root, 'link'))
    expect(() => read('link', { noSymlinks: true })).toThrow(expect.objectContaining({ code: 'ELOOP', syscall: 'openat2' }))
  })

  test('magic links of /proc are refused', () => {
    expect(() => openInRoot('/proc', 'self/root/etc/passwd')).toThrow(expect.objectContaining({ code: 'ELOOP' }))
  })

  test('makes files, with a mode, in the root of a descriptor that stays open', () => {
    const directory = openSync(root, constants.O_DIRECTORY)
    const fd = openInRoot(directory, '../new', { flags: constants.O_CREAT | constants.O_WRONLY, mode: 0o600 })
    writeFileSync(fd, 'made')
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe(join(root, 'new'))
    closeSync(fd)
    closeSync(directory)
    expect(readFileSync(join(root, 'new'), 'utf8')).toBe('made')
  })

  test('descriptors are closed in programs that are started', () => {
    const fd = openInRoot(root, 'secret')
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
    closeSync(fd)
    expect(Number.parseInt(flags ?? '0', 8) & 0o2000000).not.toBe(0)
  })

  test('a missing file or root is ENOENT', () => {
    expect(() => openInRoot(root, 'missing')).toThrow(expect.objectContaining({ code: 'ENOENT', path: 'missing' }))
    expect(() => openInRoot(join(root, 'missing'), 'x')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})
