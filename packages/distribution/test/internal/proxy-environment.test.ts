import { expect, test } from 'vitest'
import { proxyFor } from '../../src/internal/http/proxy-environment.ts'

const both = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'plain:2' }

test.each([
  ['https://quay.io/', both, 'http://secure:1/'],
  ['http://quay.io/', both, 'http://plain:2/'],
  ['https://quay.io/', { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' }, 'http://lower:1/'],
  ['https://quay.io/', { ALL_PROXY: 'http://all:1' }, 'http://all:1/'],
  ['https://quay.io/', {}, undefined],
  ['https://quay.io/', { HTTPS_PROXY: '' }, undefined],
  ['https://localhost/', both, undefined],
  ['http://127.0.0.1:5000/', both, undefined],
  ['https://[::1]/', both, undefined],
  ['https://quay.io/', { ...both, NO_PROXY: '*' }, undefined],
  ['https://quay.io/', { ...both, NO_PROXY: 'example.com, quay.io' }, undefined],
  ['https://cdn.quay.io/', { ...both, NO_PROXY: 'quay.io' }, undefined],
  ['https://cdn.quay.io/', { ...both, NO_PROXY: '.quay.io' }, undefined],
  ['https://notquay.io/', { ...both, NO_PROXY: 'quay.io' }, 'http://secure:1/'],
  ['https://quay.io:8443/', { ...both, NO_PROXY: 'quay.io:443' }, 'http://secure:1/'],
  ['https://quay.io/', { ...both, NO_PROXY: 'quay.io:443' }, undefined],
  ['https://10.1.2.3/', { ...both, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['https://11.1.2.3/', { ...both, NO_PROXY: '10.0.0.0/8' }, 'http://secure:1/'],
  ['https://11.1.2.3/', { ...both, NO_PROXY: '10.0.0.0/99' }, 'http://secure:1/'],
  ['https://11.1.2.3/', { ...both, NO_PROXY: '10.0.0.0/' }, 'http://secure:1/'],
  ['https://quay.io/', { ...both, NO_PROXY: '10.0.0.0/8' }, 'http://secure:1/'],
  ['https://[fd00::1]/', { ...both, NO_PROXY: 'fd00::/8' }, undefined],
  ['https://[fe80::1]/', { ...both, NO_PROXY: 'fd00::/8' }, 'http://secure:1/'],
  ['https://[fd00::1]:5000/', { ...both, NO_PROXY: 'fd00::1' }, undefined],
  ['https://[fd00::1]:5000/', { ...both, NO_PROXY: '[fd00::1]:5000' }, undefined],
  ['https://[fd00::1]:5001/', { ...both, NO_PROXY: '[fd00::1]:5000' }, 'http://secure:1/'],
])('%s with %j: %s', (url, environment, expected) => {
  expect(proxyFor(new URL(url), environment)?.href).toBe(expected)
})

test.each(['socks5://host:1', 'http://', '://', 'ftp://me:s3cret@host'])('%s is refused, unquoted', (value) => {
  expect(() => proxyFor(new URL('https://quay.io/'), { https_proxy: value })).toThrow(
    expect.objectContaining({ code: 'ERR_PROXY_INVALID', message: expect.not.stringContaining('s3cret') }),
  )
})
