import { expect, test } from 'vitest'
import { parseCopyPlace } from '../../../src/containers/copy/copy-place.ts'

test.each([
  ['-', { type: 'stream' }],
  ['web:/etc', { type: 'container', reference: 'web', path: '/etc' }],
  ['web:etc/a:b', { type: 'container', reference: 'web', path: 'etc/a:b' }],
  ['file', { type: 'local', path: 'file' }],
  ['./a:b', { type: 'local', path: './a:b' }],
  ['/a:b', { type: 'local', path: '/a:b' }],
  ['dir/a:b', { type: 'local', path: 'dir/a:b' }],
  [':x', { type: 'local', path: ':x' }],
])('%s', (argument, place) => expect(parseCopyPlace(argument)).toEqual(place))

test.each(['web:', ''])('%j has no path', (argument) => {
  expect(() => parseCopyPlace(argument)).toThrow(expect.objectContaining({ code: 'ERR_CLI_ARGUMENTS' }))
})
