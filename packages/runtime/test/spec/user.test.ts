import { expect, test } from 'vitest'
import { resolveUser } from '../../src/index.ts'

const passwd =
  'root:x:0:0:root:/root:/bin/sh\n# comment\n\nwww:x:33:34::/var/www:/bin/sh\n1000:x:5:6::/five:\nhomeless:x:7:7:::\nbroken:x:no:7::/:\n'
const group = 'root:x:0:\nwww:x:34:\nextra:x:44:other,www\nmore:x:45:www\nbroken:x:no:www\n'

test.each([
  ['', { uid: 0, gid: 0, additionalGids: [], username: 'root', home: '/root' }],
  ['root', { uid: 0, gid: 0, additionalGids: [0], username: 'root', home: '/root' }],
  ['www', { uid: 33, gid: 34, additionalGids: [34, 44, 45], username: 'www', home: '/var/www' }],
  ['33', { uid: 33, gid: 34, additionalGids: [34, 44, 45], username: 'www', home: '/var/www' }],
  ['www:extra', { uid: 33, gid: 44, additionalGids: [44], username: 'www', home: '/var/www' }],
  ['www:99', { uid: 33, gid: 99, additionalGids: [99], username: 'www', home: '/var/www' }],
  ['4000', { uid: 4000, gid: 0, additionalGids: [0], username: undefined, home: '/' }],
  ['4000:4001', { uid: 4000, gid: 4001, additionalGids: [4001], username: undefined, home: '/' }],
  [':extra', { uid: 0, gid: 44, additionalGids: [44], username: 'root', home: '/root' }],
  ['homeless', { uid: 7, gid: 7, additionalGids: [7], username: 'homeless', home: '/' }],
  // A number is an id, even where somebody is called so.
  ['1000', { uid: 1000, gid: 0, additionalGids: [0], username: undefined, home: '/' }],
])('%j', (user, expected) => {
  expect(resolveUser(passwd, group, user)).toEqual(expected)
})

test('further groups, by name and number', () => {
  expect(resolveUser(passwd, group, '', ['extra', '7']).additionalGids).toEqual([7, 44])
})

test('an image without the files', () => {
  expect(resolveUser('', '', '')).toEqual({ uid: 0, gid: 0, additionalGids: [], username: undefined, home: '/' })
})

test.each([
  ['nobody', 'ERR_USER_NOT_FOUND'],
  ['root:nobodies', 'ERR_USER_NOT_FOUND'],
  ['-1', 'ERR_USER_INVALID'],
  ['2147483648', 'ERR_USER_INVALID'],
  ['0:99999999999', 'ERR_USER_INVALID'],
  ['a:b:c', 'ERR_USER_INVALID'],
  ['broken', 'ERR_USER_INVALID'],
])('%s is an error', (user, code) => {
  expect(() => resolveUser(passwd, group, user)).toThrow(expect.objectContaining({ code }))
})
