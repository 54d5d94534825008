import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createTarWriter, type ExtractOptions } from '../src/index.ts'
import { temporaryDirectory } from './fixtures/directories.ts'

/** Words that run a command as root of a user namespace with one user and group. */
const prefix = ['unshare', '--user', '--map-root-user']

function hasUserNamespaces(): boolean {
  const works = spawnSync(prefix[0]!, [...prefix.slice(1), 'true']).status === 0
  // oxlint-disable-next-line no-console
  if (!works) console.log('skipped: no user namespace can be made here')
  return works
}

function extract(tar: Uint8Array, directory: string, options: ExtractOptions = {}): unknown {
  const script = fileURLToPath(new URL('./fixtures/extract-stdin.ts', import.meta.url))
  const words = [...prefix.slice(1), process.execPath, '-C', '@podwright/source', script, directory, JSON.stringify(options)]
  const result = spawnSync(prefix[0]!, words, { input: tar })
  if (result.status !== 0) throw new Error(result.stderr.toString())
  return JSON.parse(result.stdout.toString())
}

describe.skipIf(!hasUserNamespaces())('in a user namespace', () => {
  const device = createTarWriter().add({ name: 'null', type: 'character', major: 1, minor: 3 }).add({ name: 'p', type: 'fifo' }).finish()

  test('a device is an error with a hint, or left out', () => {
    const directory = temporaryDirectory()
    expect(extract(device, directory)).toMatchObject({ code: 'ERR_ARCHIVE_DEVICE', hint: expect.stringContaining('leave devices out') })
    expect(extract(device, directory, { devices: 'skip' })).toEqual({ skipped: [['device', '', 'asked']] })
    expect(readdirSync(directory)).toEqual(['p'])
  })

  test('an owner that is not mapped', () => {
    const tar = createTarWriter().add({ name: 'f', uid: 33 }).finish()
    expect(extract(tar, temporaryDirectory())).toMatchObject({ code: 'ERR_ARCHIVE_OWNER', hint: expect.stringContaining('/etc/subuid') })
  })

  test('whiteouts for overlay can be made; opaque directories in the namespace for users only', () => {
    const directory = temporaryDirectory()
    const tar = createTarWriter().add({ name: '.wh.x' }).add({ name: 'd/.wh..wh..opq' }).finish()
    expect(extract(tar, directory, { whiteouts: 'overlay', overlayXattrs: 'user' })).toEqual({ skipped: [] })
    expect(lstatSync(join(directory, 'x'))).toMatchObject({ rdev: 0, mode: expect.any(Number) })
    const trusted = extract(tar, temporaryDirectory(), { whiteouts: 'overlay', overlayXattrs: 'trusted' })
    expect(trusted).toMatchObject({ code: 'ERR_ARCHIVE_WRITE', hint: expect.stringContaining('user') })
  })

  test('a capability can be set, what belongs to the host can not', () => {
    const xattrs = [
      { name: Buffer.from('security.capability'), value: Buffer.from('0100000284ff0000000000000000000000000000', 'hex') },
      { name: Buffer.from('trusted.x'), value: Buffer.from('1') },
    ]
    const tar = createTarWriter().add({ name: 'f', xattrs }).finish()
    expect(extract(tar, temporaryDirectory())).toEqual({ skipped: [['xattr', 'trusted.x', 'EPERM']] })
  })
})
