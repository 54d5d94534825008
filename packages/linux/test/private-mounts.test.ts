import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readMounts } from '../src/index.ts'

const isRoot = process.geteuid?.() === 0
let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-mounts-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))
beforeEach((context) => context.skip(!isRoot, 'needs root'))

/** What a script of its own process prints; `linux` is this package, `fs` is node:fs. */
function inProcess(script: string): string {
  const index = join(import.meta.dirname, '../src/index.ts')
  const text = `import * as linux from ${JSON.stringify(index)}; import * as fs from 'node:fs'; const root = ${JSON.stringify(directory)}\n${script}`
  const words = ['-C', '@podwright/source', '--input-type=module', '-e', text]
  return execFileSync(process.execPath, words, { encoding: 'utf8', cwd: import.meta.dirname }).trim()
}

test('what a process mounts for itself, nobody else sees; read-only is read-only', () => {
  mkdirSync(join(directory, 'from'))
  mkdirSync(join(directory, 'to'))
  writeFileSync(join(directory, 'from/file'), 'seen')
  const printed = inProcess(`
    linux.unshareMounts()
    linux.bindMount(root + '/from', root + '/to')
    fs.writeFileSync(root + '/to/written', 'through')
    linux.makeMountReadOnly(root + '/to')
    try { fs.writeFileSync(root + '/to/more', '') } catch (error) { console.log(error.code) }
    console.log(fs.readFileSync(root + '/to/file', 'utf8'))
    try { linux.bindMount(root + '/missing', root + '/to') } catch (error) { console.log(error.code, error.syscall) }
  `)
  expect(printed).toBe('EROFS\nseen\nENOENT mount')
  expect(readFileSync(join(directory, 'from/written'), 'utf8')).toBe('through')
  expect(readMounts().filter(({ target }) => target.startsWith(directory))).toEqual([])
})

test('from a root that was changed no path leads out, whatever links say', () => {
  mkdirSync(join(directory, 'jail/etc'), { recursive: true })
  writeFileSync(join(directory, 'outside'), 'outside')
  writeFileSync(join(directory, 'jail/inside'), 'inside')
  symlinkSync('../../../../../../../../inside', join(directory, 'jail/etc/up'))
  symlinkSync(join(directory, 'outside'), join(directory, 'jail/etc/away'))
  const printed = inProcess(`
    linux.changeRoot(root + '/jail')
    console.log(process.cwd(), fs.readdirSync('/').join(' '), fs.readFileSync('etc/up', 'utf8'))
    console.log(fs.existsSync('/etc/away'), fs.existsSync(root), fs.realpathSync('/../..'))
  `)
  expect(printed).toBe('/ etc inside inside\nfalse false /')
})
