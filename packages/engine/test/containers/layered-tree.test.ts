import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readLayeredFile } from '../../src/containers/layered-tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'layered-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Makes layers out of paths and contents, topmost first. */
function layers(...trees: Record<string, string>[]): string[] {
  return trees.map((tree, index) => {
    const layer = join(root, String(index))
    mkdirSync(layer)
    for (const [path, content] of Object.entries(tree)) {
      mkdirSync(dirname(join(layer, path)), { recursive: true })
      if (content.startsWith('-> ')) symlinkSync(content.slice(3), join(layer, path))
      else writeFileSync(join(layer, path), content)
    }
    return layer
  })
}

const nothingOpaque = (): boolean => false
const whiteouts = process.getuid?.() === 0

describe('readLayeredFile', () => {
  test('takes the topmost', () => {
    expect(readLayeredFile(layers({ 'etc/passwd': 'upper' }, { 'etc/passwd': 'lower' }), 'etc/passwd', nothingOpaque)).toBe('upper')
  })

  test('goes down to the layer that has it', () => {
    expect(readLayeredFile(layers({ 'etc/hosts': '' }, {}, { 'etc/passwd': 'lowest' }), 'etc/passwd', nothingOpaque)).toBe('lowest')
  })

  test('finds nothing where nothing is', () => {
    expect(readLayeredFile(layers({ 'etc/hosts': '' }), 'etc/passwd', nothingOpaque)).toBeUndefined()
  })

  test.each([
    ['absolute', '-> /lib/users'],
    ['relative', '-> ../lib/users'],
    ['beyond the root', '-> ../../../../lib/users'],
  ])('follows a link that is %s, across layers', (_kind, link) => {
    expect(readLayeredFile(layers({ 'etc/passwd': link }, { 'lib/users': 'linked' }), 'etc/passwd', nothingOpaque)).toBe('linked')
  })

  test('follows a linked directory', () => {
    expect(readLayeredFile(layers({ etc: '-> usr/etc' }, { 'usr/etc/passwd': 'linked' }), 'etc/passwd', nothingOpaque)).toBe('linked')
  })

  test('never reads the file of the host that an absolute link would name', () => {
    expect(readLayeredFile(layers({ 'etc/passwd': '-> /etc/hostname' }), 'etc/passwd', nothingOpaque)).toBeUndefined()
  })

  test('gives up on a loop of links', () => {
    expect(
      readLayeredFile(layers({ 'etc/passwd': '-> /etc/group', 'etc/group': '-> /etc/passwd' }), 'etc/passwd', nothingOpaque),
    ).toBeUndefined()
  })

  test('an opaque directory hides what lies below it', () => {
    const stack = layers({ 'etc/hosts': '' }, { 'etc/passwd': 'lower' })
    expect(readLayeredFile(stack, 'etc/passwd', (directory) => directory === join(stack[0] ?? '', 'etc'))).toBeUndefined()
  })

  test.runIf(whiteouts)('a whiteout hides what lies below it', () => {
    const stack = layers({ 'etc/hosts': '' }, { 'etc/passwd': 'lower' })
    execFileSync('mknod', [join(stack[0] ?? '', 'etc/passwd'), 'c', '0', '0'])
    expect(readLayeredFile(stack, 'etc/passwd', nothingOpaque)).toBeUndefined()
  })

  test('a file in place of a directory hides the directory', () => {
    expect(readLayeredFile(layers({ etc: 'a file' }, { 'etc/passwd': 'lower' }), 'etc/passwd', nothingOpaque)).toBeUndefined()
  })
})
