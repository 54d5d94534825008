import { expect, test } from 'vitest'
import { treeScript } from '../src/inside.ts'

const view = { rootfs: '/s/merged', layers: [] }

test('mounts from the directory that the options are relative to', () => {
  const mount = {
    type: 'overlay',
    source: 'overlay',
    target: '/s/merged',
    options: ['lowerdir=l/1:l/2', 'ro'],
    workingDirectory: '/root dir',
  }
  expect(treeScript({ ...view, mounts: [mount] }, 'ls')).toBe(
    [
      `cd '/root dir' && LIBMOUNT_FORCE_MOUNT2=always 'mount' '-t' 'overlay' '-o' 'lowerdir=l/1:l/2,ro' 'overlay' '/s/merged' || exit 97`,
      `cd '/s/merged' || exit 98`,
      'ls',
    ].join('\n'),
  )
})

test('a read-only bind takes two steps', () => {
  const mount = { type: 'bind', source: '/a', target: '/b', options: ['bind', 'ro'] }
  const [line] = treeScript({ ...view, mounts: [mount] }, 'ls').split('\n')
  expect(line).toBe(`cd '/' && LIBMOUNT_FORCE_MOUNT2=always 'mount' '--bind' '/a' '/b' && mount -o remount,bind,ro '/b' || exit 97`)
})

test("a driver's own command stands in place of mount", () => {
  const mount = { type: 'fuse.x', source: 'x', target: '/b', options: [], command: ['x', "it's"] }
  expect(treeScript({ ...view, mounts: [mount] }, 'ls').split('\n')[0]).toBe(`cd '/' && 'x' 'it'\\''s' || exit 97`)
})
