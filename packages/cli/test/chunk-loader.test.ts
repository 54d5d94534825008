import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const fixture = join(import.meta.dirname, 'fixtures/load-chunks.ts')

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-chunks-'))
  for (const name of ['bundle', 'cache']) mkdirSync(join(directory, name))
  // Two that need each other, and one of Node's.
  bundle('main.js', 'exports.exitCode = 0; const other = require("./other.js"); exports.report = () => [other.sum(2, 3), __dirname]')
  bundle(
    'other.js',
    'const main = require("./main.js"); exports.sum = (a, b) => require("node:path").join("sum", String(a + b + main.exitCode))',
  )
})
afterEach(() => {
  chmodSync(join(directory, 'cache'), 0o700)
  rmSync(directory, { recursive: true })
})

function bundle(name: string, source: string): void {
  writeFileSync(join(directory, 'bundle', name), source)
}

function load(...args: readonly string[]): unknown {
  const words = ['-C', '@podwright/source', fixture, join(directory, 'bundle'), join(directory, 'cache'), ...args]
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const kept = (command: string): string => join(directory, 'cache', `${process.version}-${process.arch}`, command)
const result = (): unknown => ['sum/5', join(directory, 'bundle')]

test('keeps code once, for each command its own', () => {
  expect(load('--root', '/somewhere', 'run', 'image')).toEqual(result())
  expect(readdirSync(kept('run')).toSorted()).toEqual(['main.js', 'other.js'])
  expect(statSync(kept('run')).mode & 0o777).toBe(0o700)
  const before = statSync(join(kept('run'), 'other.js')).ino
  expect(load('run')).toEqual(result())
  expect(statSync(join(kept('run'), 'other.js')).ino).toBe(before)
  load('ps')
  load('../../up')
  expect(readdirSync(join(kept('run'), '..')).toSorted()).toEqual(['other', 'ps', 'run'])
})

test('keeps the functions that were called', () => {
  const body = Array.from({ length: 500 }, (_, index) => `x += ${index} * x`).join(';')
  bundle('other.js', `exports.sum = function () { let x = 1; ${body}; return x > 0 }`)
  load('run')
  expect(statSync(join(kept('run'), 'other.js')).size).toBeGreaterThan(3000)
})

test.each([
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['cut', (path: string) => truncateSync(path, 200)],
  ['not code', (path: string) => writeFileSync(path, 'x'.repeat(1000))],
])('makes code anew that was %s', (_, spoil) => {
  load('run')
  const path = join(kept('run'), 'other.js')
  const whole = readFileSync(path).length
  spoil(path)
  expect(load('run')).toEqual(result())
  expect(readFileSync(path).length).toBe(whole)
})

test('keeps nothing of a command that failed', () => {
  bundle('main.js', 'exports.exitCode = 1; exports.report = () => "failed"')
  expect(load('run')).toBe('failed')
  expect(readdirSync(join(directory, 'cache'))).toEqual([])
})

test('does without what it can’t write', () => {
  rmSync(join(directory, 'cache'), { recursive: true })
  writeFileSync(join(directory, 'cache'), '')
  expect(load('run')).toEqual(result())
})

test('begins anew when the code of many versions has gathered', () => {
  load('run')
  for (let index = 0; index < 20; index++) writeFileSync(join(kept('run'), `main-${index}.js`), '')
  bundle('other.js', 'exports.sum = () => "of the next version"')
  load('run')
  expect(readdirSync(kept('run'))).toEqual(['other.js'])
})

test('traces lead to the place in the file', () => {
  bundle('other.js', 'exports.sum = () => { throw new Error("here") }')
  const words = ['-C', '@podwright/source', fixture, join(directory, 'bundle'), join(directory, 'cache'), 'run']
  const { stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect(stderr).toContain(`${join(directory, 'bundle/other.js')}:1:29`)
})

test('leaves other files to Node', () => {
  mkdirSync(join(directory, 'bundle/node_modules/package'), { recursive: true })
  bundle('node_modules/package/index.js', 'exports.name = "of a package"')
  bundle('main.js', 'exports.exitCode = 0; exports.report = () => require("package").name')
  expect(load('run')).toBe('of a package')
})

test('is parsed by a Node that is too old', () => {
  // Checked without one: what came after Node 12 (ES2019) must not stand in the entry's own files.
  const entry = ['main', 'chunk-loader', 'compile-cache'].map((name) => join(import.meta.dirname, `../src/${name}.ts`))
  const text = entry.map((path) => readFileSync(path, 'utf8').replaceAll(/\/\*.*?\*\/|\/\/.*/gs, '')).join('\n')
  expect(text).not.toMatch(/\?\?|\?\.[a-z[(]|\bstatic \{|[ .]#[a-z]+/)
})
