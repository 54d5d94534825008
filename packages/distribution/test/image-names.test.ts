import type { ImageTransport } from '@podwright/contracts'
import { createTransports, formatImageName, parseImageName } from '@podwright/distribution'
import { describe, expect, test } from 'vitest'
import { splitPath } from '../src/internal/transports/split-path.ts'
import { memorySource } from './fixtures/memory-image.ts'
import { testImage } from './fixtures/image.ts'

const digest = `sha256:${'a'.repeat(64)}`

test.each([
  ['docker://debian', { transport: 'docker', isTagged: false, text: '//docker.io/library/debian' }],
  [
    'docker://localhost:5000/a/b:1',
    { transport: 'docker', isTagged: true, reference: { registry: 'localhost:5000', repository: 'a/b', tag: '1' } },
  ],
  [`docker://q.io/a@${digest}`, { transport: 'docker', isTagged: true, reference: { registry: 'q.io', repository: 'a', digest } }],
  ['oci:/tmp/layout', { transport: 'oci', path: '/tmp/layout' }],
  ['oci:layout:docker.io/library/a:1', { transport: 'oci', path: 'layout', name: 'docker.io/library/a:1' }],
  [`oci:layout:@${digest}`, { transport: 'oci', path: 'layout', digest }],
  ['oci-archive:/a.tar:@3', { transport: 'oci-archive', path: '/a.tar', index: 3 }],
  ['docker-archive:/a.tar', { transport: 'docker-archive', path: '/a.tar' }],
  [
    'docker-archive:/a.tar:busybox',
    { transport: 'docker-archive', reference: { registry: 'docker.io', repository: 'library/busybox', tag: 'latest' } },
  ],
  ['docker-archive:/a.tar:@0', { transport: 'docker-archive', index: 0 }],
  ['dir:/tmp/with:colon', { transport: 'dir', path: '/tmp/with:colon' }],
])('%s is read, and written back', (text, expected) => {
  const name = parseImageName(text)
  expect(name).toMatchObject(expected)
  expect(parseImageName(formatImageName(name))).toMatchObject(expected)
})

test.each([
  ['debian', 'ERR_TRANSPORT_UNKNOWN'],
  ['', 'ERR_TRANSPORT_UNKNOWN'],
  ['localhost:5000/a', 'ERR_TRANSPORT_UNKNOWN'],
  ['ostree:a@/b', 'ERR_TRANSPORT_UNKNOWN'],
  ['constructor:x', 'ERR_TRANSPORT_UNKNOWN'],
  ['docker-daemon:a:1', 'ERR_TRANSPORT_UNSUPPORTED'],
  ['docker:debian', 'ERR_IMAGE_NAME_INVALID'],
  ['docker://UPPER/Case:1:2', 'ERR_IMAGE_NAME_INVALID'],
  ['oci:', 'ERR_IMAGE_NAME_INVALID'],
  ['oci::tag', 'ERR_IMAGE_NAME_INVALID'],
  ['oci:path:', 'ERR_IMAGE_NAME_INVALID'],
  ['oci:path:@x', 'ERR_IMAGE_NAME_INVALID'],
  ['dir:', 'ERR_IMAGE_NAME_INVALID'],
  ['dir:a\0b', 'ERR_IMAGE_NAME_INVALID'],
  [`docker-archive:a.tar:x@${digest}`, 'ERR_IMAGE_NAME_INVALID'],
  ['docker-archive:a.tar:@-1', 'ERR_IMAGE_NAME_INVALID'],
])('%j is refused: %s', (text, code) => {
  expect(() => parseImageName(text)).toThrow(expect.objectContaining({ code }))
})

test('a drive of Windows is no end of a path', () => {
  expect(splitPath('C:\\images\\a.tar:app:1', 'win32')).toEqual(['C:\\images\\a.tar', 'app:1'])
  expect(splitPath('C:\\images', 'linux')).toEqual(['C', '\\images'])
})

describe('a transport of a plugin', () => {
  const memory: ImageTransport = {
    name: 'memory',
    parse: (text) => ({ transport: 'memory', text }),
    openSource: async () => memorySource(testImage()),
  }

  test('is there by its name', async () => {
    const transports = createTransports([memory])
    expect(transports.isNamed('memory:x')).toBe(true)
    expect(transports.isNamed('localhost:5000/x')).toBe(false)
    await using source = await transports.openSource('memory:x')
    expect((await source.manifest()).descriptor).toEqual(testImage().top.descriptor)
  })

  test('need not do everything', async () => {
    const transports = createTransports([memory])
    for (const work of [transports.openDestination('memory:x'), transports.delete('memory:x')]) {
      await expect(work).rejects.toMatchObject({ code: 'ERR_TRANSPORT_UNSUPPORTED', message: expect.stringContaining('memory:x') })
    }
    expect(() => transports.list('memory:x')).toThrow(expect.objectContaining({ code: 'ERR_TRANSPORT_UNSUPPORTED' }))
    await expect(transports.openSource('other:x')).rejects.toMatchObject({ code: 'ERR_TRANSPORT_UNKNOWN', hint: 'Known are memory:.' })
  })

  test('can not have a name that no text begins with', () => {
    expect(() => createTransports([{ ...memory, name: 'Not a name' }])).toThrow(TypeError)
  })
})
