import { familiarName, formatReference, normalizeReference, parseNamed, parseReference } from '@podwright/oci'
import { describe, expect, test } from 'vitest'

const hex = '0123456789abcdef'.repeat(4)

describe('normalizeReference', () => {
  test.each([
    ['debian', 'docker.io/library/debian:latest', 'debian:latest'],
    ['debian:12', 'docker.io/library/debian:12', 'debian:12'],
    ['docker.io/debian', 'docker.io/library/debian:latest', 'debian:latest'],
    ['index.docker.io/debian:1', 'docker.io/library/debian:1', 'debian:1'],
    ['library/debian', 'docker.io/library/debian:latest', 'debian:latest'],
    ['library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
    ['foo/bar', 'docker.io/foo/bar:latest', 'foo/bar:latest'],
    ['quay.io/foo/bar', 'quay.io/foo/bar:latest', 'quay.io/foo/bar:latest'],
    ['quay.io/bar', 'quay.io/bar:latest', 'quay.io/bar:latest'],
    ['localhost/foo', 'localhost/foo:latest', 'localhost/foo:latest'],
    ['localhost:5000/foo', 'localhost:5000/foo:latest', 'localhost:5000/foo:latest'],
    ['127.0.0.1:5000/foo:Tag_1.2-3', '127.0.0.1:5000/foo:Tag_1.2-3', '127.0.0.1:5000/foo:Tag_1.2-3'],
    ['[::1]:5000/foo', '[::1]:5000/foo:latest', '[::1]:5000/foo:latest'],
    ['[2001:db8::1]/foo', '[2001:db8::1]/foo:latest', '[2001:db8::1]/foo:latest'],
    ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
    ['Registry/foo', 'Registry/foo:latest', 'Registry/foo:latest'],
    [`debian@sha256:${hex}`, `docker.io/library/debian@sha256:${hex}`, `debian@sha256:${hex}`],
    [`debian:12@sha256:${hex}`, `docker.io/library/debian:12@sha256:${hex}`, `debian:12@sha256:${hex}`],
    // Without its registry, a.b would be taken for one.
    ['docker.io/a.b/c', 'docker.io/a.b/c:latest', 'docker.io/a.b/c:latest'],
    ['a.b/c__d/e-f/g---h/i.j', 'a.b/c__d/e-f/g---h/i.j:latest', 'a.b/c__d/e-f/g---h/i.j:latest'],
  ])('%s is %s, shown as %s', (typed, full, familiar) => {
    const reference = normalizeReference(typed)
    expect(formatReference(reference)).toBe(full)
    expect(familiarName(reference)).toBe(familiar)
    expect(parseReference(full)).toEqual(reference)
    expect(normalizeReference(familiar)).toEqual(reference)
  })

  test('another default registry has no library/', () => {
    expect(formatReference(normalizeReference('debian', { defaultRegistry: 'quay.io' }))).toBe('quay.io/debian:latest')
  })
})

test('parseNamed adds nothing', () => {
  expect(parseNamed('debian')).toEqual({ short: true, repository: 'debian' })
  expect(parseNamed('quay.io/a/b:1')).toEqual({ short: false, registry: 'quay.io', repository: 'a/b', tag: '1' })
})

test('parseReference wants a registry and adds no tag', () => {
  expect(parseReference('quay.io/a')).toEqual({ registry: 'quay.io', repository: 'a' })
  expect(() => parseReference('a/b')).toThrow(
    expect.objectContaining({ code: 'ERR_REFERENCE_SHORT', hint: expect.stringContaining('docker.io/a/b') }),
  )
})

test.each([
  ['', /empty/],
  ['/foo', /empty part/],
  ['foo/', /empty part/],
  ['a//b', /empty part/],
  [':tag', /empty/],
  ['foo:', /tag is empty/],
  ['foo@', /digest/],
  ['foo@sha256:abc', /sha256 has 64/],
  [`foo@md5:${hex}`, /md5 is not known/],
  ['foo:-x', /not a valid tag/],
  [`foo:${'x'.repeat(129)}`, /128 characters/],
  ['foo:a/b', /not a host name|not a valid part/],
  ['Foo', /lower case/],
  ['quay.io/Foo', /lower case/],
  ['foo_', /not a valid part/],
  ['foo___bar', /not a valid part/],
  ['foo..bar', /not a valid part/],
  ['-foo', /not a valid part/],
  ['föö', /not a valid part/],
  ['a b', /not a valid part/],
  ['../etc', /not a host name/],
  ['quay.io/../etc', /not a valid part/],
  ['user@quay.io/foo', /not of the form/],
  ['https://quay.io/foo', /scheme/],
  ['docker://quay.io/foo', /scheme/],
  ['-bad.example/foo', /not a host name/],
  ['quay.io:port/foo', /not a host name/],
  ['quay.io:99999/foo', /65535/],
  [`quay.io/${'a'.repeat(256)}`, /255 characters/],
  ['a'.repeat(2000), /1024 characters/],
  [hex, /image id/],
])('%s is refused: %s', (text, reason) => {
  expect(() => normalizeReference(text)).toThrow(reason)
  expect(() => normalizeReference(text)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_(REFERENCE|DIGEST)_/) }))
})

test('the right spelling is suggested', () => {
  expect(() => parseNamed('quay.io/Foo/Bar:X')).toThrow(expect.objectContaining({ hint: 'Did you mean "quay.io/foo/bar:X"?' }))
})
