import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type * as Fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { seal, unseal } from '../../src/secrets/seal.ts'

const steps: string[] = vi.hoisted(() => [])
const race: { winner?: Uint8Array | undefined } = vi.hoisted(() => ({}))
// The real calls, and a note of each: no test can cut the power. Somebody else may be first with the key.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>()
  return {
    ...fs,
    linkSync: (from: string, to: string) => {
      if (race.winner !== undefined) fs.writeFileSync(to, race.winner)
      fs.linkSync(from, to)
      steps.push('link')
    },
    fsyncSync: (fd: number) => {
      fs.fsyncSync(fd)
      steps.push(fs.fstatSync(fd).isDirectory() ? `directory ${fs.readlinkSync(`/proc/self/fd/${fd}`)}` : 'file')
    },
  }
})

let directory: string
let key: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-seal-'))
  key = join(directory, 'secrets.key')
  steps.length = 0
  race.winner = undefined
})
afterEach(() => rmSync(directory, { recursive: true }))

const data = Buffer.from('sesame')
const isKeyError = expect.objectContaining({ code: 'ERR_SECRET_KEY', message: expect.stringContaining('secrets.key') })

test('what was closed up comes out, and is not to be seen in it', () => {
  const sealed = seal(key, 'id', data)
  expect(unseal(key, 'id', sealed)).toEqual(data)
  expect(sealed.includes(data)).toBe(false)
  expect(seal(key, 'id', data)).not.toEqual(sealed)
})

test('the key is made once, for its owner alone, and nothing lies beside it', () => {
  seal(key, 'id', data)
  const first = readFileSync(key)
  seal(key, 'other', data)
  expect(readFileSync(key)).toEqual(first)
  expect(first).toHaveLength(32)
  expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(readdirSync(directory)).toEqual(['secrets.key'])
})

test('one secret does not pass for another', () => {
  const sealed = seal(key, 'id', data)
  expect(() => unseal(key, 'other', sealed)).toThrow(isKeyError)
})

test('bytes that were changed or cut off are an error with a code, wherever that was', () => {
  const sealed = seal(key, 'id', data)
  for (const length of [0, 1, 11, 12, 13, 20, 27, 28, sealed.length - 1]) {
    expect(() => unseal(key, 'id', sealed.subarray(0, length)), String(length)).toThrow(isKeyError)
  }
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at]! ^= 1
    expect(() => unseal(key, 'id', changed), String(at)).toThrow(isKeyError)
  }
})

test('a key that is gone, another one, or none', () => {
  const sealed = seal(key, 'id', data)
  writeFileSync(key, Buffer.alloc(32))
  expect(() => unseal(key, 'id', sealed)).toThrow(isKeyError)
  writeFileSync(key, 'short')
  expect(() => unseal(key, 'id', sealed)).toThrow(isKeyError)
  rmSync(key)
  expect(() => unseal(key, 'id', sealed)).toThrow(isKeyError)
})

test('a new key is on the disk by its name before anything is closed up with it', () => {
  seal(key, 'id', data)
  expect(steps).toEqual(['file', 'link', `directory ${directory}`])
})

test('so is one that somebody else has made: just before, or in the same moment', () => {
  writeFileSync(key, Buffer.alloc(32, 1))
  seal(key, 'id', data)
  expect(steps).toEqual([`directory ${directory}`])
  rmSync(key)
  steps.length = 0
  race.winner = Buffer.alloc(32, 2)
  const sealed = seal(key, 'id', data)
  expect(steps).toEqual(['file', `directory ${directory}`])
  expect(readFileSync(key)).toEqual(Buffer.alloc(32, 2))
  expect(unseal(key, 'id', sealed)).toEqual(data)
  expect(readdirSync(directory)).toEqual(['secrets.key'])
})
