import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSpecialFiles } from '../src/special-files.ts'
import { skipUnless } from './fixtures/skip.ts'

const files = createSpecialFiles()
const bytes = (text: string): Uint8Array => Buffer.from(text)
const skip = skipUnless(process.geteuid?.() === 0, 'making device nodes and setting file capabilities takes root')

let directory = ''
let file = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-special-'))
  file = join(directory, 'file')
  writeFileSync(file, 'x')
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('mknod', () => {
  test.skipIf(skip).each([
    ['character', 0o020666, 1, 3],
    ['block', 0o060640, 7, 300],
    ['large numbers', 0o020600, 4095, 1_048_575],
  ])('makes a %s device with its numbers', (_, mode, major, minor) => {
    const path = join(directory, 'device')
    files.mknod(bytes(path), mode, major, minor)
    const [stat] = execFileSync('stat', ['-c', '%f %t %T', path], { encoding: 'utf8' }).trim().split('\n')
    const [type, ...numbers] = (stat ?? '').split(' ').map((word) => Number.parseInt(word, 16))
    expect((type ?? 0) & 0o170000).toBe(mode & 0o170000)
    expect(numbers).toEqual([major, minor])
  })

  test('makes a FIFO and a socket as anybody', () => {
    files.mknod(bytes(join(directory, 'fifo')), 0o010600, 0, 0)
    files.mknod(bytes(join(directory, 'socket')), 0o140600, 0, 0)
    expect(lstatSync(join(directory, 'fifo')).isFIFO()).toBe(true)
    expect(lstatSync(join(directory, 'socket')).isSocket()).toBe(true)
  })

  test('takes names that are not UTF-8', () => {
    files.mknod(Buffer.concat([bytes(`${directory}/n`), Buffer.from([0xff, 0xfe])]), 0o010600, 0, 0)
    const names = readdirSync(directory, { encoding: 'buffer' })
    expect(names).toContainEqual(Buffer.from([0x6e, 0xff, 0xfe]))
  })

  test("fails as Node's own calls do", () => {
    expect(() => files.mknod(bytes(file), 0o010600, 0, 0)).toThrow(
      expect.objectContaining({ code: 'EEXIST', errno: -17, syscall: 'mknod', path: file }),
    )
  })
})

describe('setTimes', () => {
  test.each([0n, 1n, 1_700_000_000_123_456_789n, -1n, -1_500_000_000n])('sets %d ns', (time) => {
    files.setTimes(bytes(file), time)
    const { mtimeNs, atimeNs } = lstatSync(file, { bigint: true })
    // Some file systems know nothing before 1901, and round to their own unit; ext4, xfs, btrfs and tmpfs keep all of it.
    expect([mtimeNs, atimeNs]).toEqual([time, time])
  })

  test('sets those of a link, not of what it leads to', () => {
    const link = join(directory, 'link')
    symlinkSync(file, link)
    files.setTimes(bytes(link), 1_000_000_007n)
    expect(lstatSync(link, { bigint: true }).mtimeNs).toBe(1_000_000_007n)
    expect(lstatSync(file, { bigint: true }).mtimeNs).not.toBe(1_000_000_007n)
  })
})

describe('extended attributes', () => {
  const value = Buffer.from([0x00, 0x84, 0xff, 0x0a, 0x00])

  test('go round as bytes', () => {
    files.setXattr(bytes(file), bytes('user.one'), value)
    files.setXattr(bytes(file), bytes('user.empty'), new Uint8Array())
    expect(files.listXattrs(bytes(file)).map((name) => Buffer.from(name).toString())).toEqual(
      expect.arrayContaining(['user.one', 'user.empty']),
    )
    expect(Buffer.from(files.getXattr(bytes(file), bytes('user.one')) ?? [])).toEqual(value)
    expect(files.getXattr(bytes(file), bytes('user.empty'))).toHaveLength(0)
    files.removeXattr(bytes(file), bytes('user.one'))
    expect(files.getXattr(bytes(file), bytes('user.one'))).toBeUndefined()
  })

  test('results are not overwritten by the next call', () => {
    files.setXattr(bytes(file), bytes('user.a'), bytes('first'))
    files.setXattr(bytes(file), bytes('user.b'), bytes('other'))
    const first = files.getXattr(bytes(file), bytes('user.a'))
    files.getXattr(bytes(file), bytes('user.b'))
    expect(Buffer.from(first ?? []).toString()).toBe('first')
  })

  test.skipIf(skip)('file capabilities keep every byte', () => {
    const capability = Buffer.from('0100000200840000000000000000000000000000', 'hex')
    files.setXattr(bytes(file), bytes('security.capability'), capability)
    expect(Buffer.from(files.getXattr(bytes(file), bytes('security.capability')) ?? [])).toEqual(capability)
  })

  test('a missing file and a missing attribute are errors with their codes', () => {
    const missing = bytes(join(directory, 'missing'))
    expect(() => files.getXattr(missing, bytes('user.a'))).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'lgetxattr' }))
    expect(() => files.listXattrs(missing)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(() => files.setXattr(missing, bytes('user.a'), value)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(() => files.removeXattr(bytes(file), bytes('user.none'))).toThrow(expect.objectContaining({ code: 'ENODATA' }))
  })

  test('have no attribute where the file system has none', () => {
    expect(files.listXattrs(bytes('/proc/self/status'))).toEqual([])
    expect(files.getXattr(bytes('/proc/self/status'), bytes('user.a'))).toBeUndefined()
  })
})
