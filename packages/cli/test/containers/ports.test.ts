import { describe, expect, test } from 'vitest'
import { mappingText, portsText, singlePorts } from '../../src/containers/ports/port-texts.ts'
import { readPorts } from '../../src/containers/ports/read-ports.ts'

const read = (...publish: readonly string[]): object => readPorts({ publish, expose: [] })

describe('--publish', () => {
  test.each([
    ['80', { containerPort: 80, protocol: 'tcp' }],
    ['80/udp', { containerPort: 80, protocol: 'udp' }],
    ['80/TCP', { containerPort: 80, protocol: 'tcp' }],
    ['8080:80', { hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
    ['0:80', { containerPort: 80, protocol: 'tcp' }],
    [':80', { containerPort: 80, protocol: 'tcp' }],
    ['127.0.0.1:8080:80', { hostAddress: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
    ['127.0.0.1::80/sctp', { hostAddress: '127.0.0.1', containerPort: 80, protocol: 'sctp' }],
    ['[::1]:8080:80', { hostAddress: '::1', hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
    ['[::1]::80', { hostAddress: '::1', containerPort: 80, protocol: 'tcp' }],
    ['8000-8010:9000-9010/udp', { hostPort: 8000, containerPort: 9000, count: 11, protocol: 'udp' }],
    ['9000-9001', { containerPort: 9000, count: 2, protocol: 'tcp' }],
  ])('%s', (text, mapping) => {
    expect(read(text)).toEqual({ ports: [mapping] })
    // What is told of it asks for the same.
    expect(read(mappingText(mapping as Parameters<typeof mappingText>[0]))).toEqual({ ports: [mapping] })
  })

  test.each([
    ['', /"" is no port|too many/],
    ['web', /"web" is no port/],
    ['0', /"0" is no port/],
    ['65536', /"65536" is no port/],
    ['65530:65530-65540', /is no port/],
    ['10-5', /"10-5" is no port/],
    ['x:80', /"x" is no port/],
    ['8000-8001:80', /2 of the host's can not lead to 1 of the container's/],
    ['8000:80-81', /1 of the host's can not lead to 2/],
    ['1:2:3:4', /too many colons/],
    ['::1:80:80', /too many colons/],
    ['80/icmp', /"icmp" is no protocol/],
  ])('%j is refused', (text, reason) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'ERR_CLI_FLAG_VALUE', message: expect.stringMatching(reason) }))
  })

  test('given twice is given once', () => {
    expect(read('80:80', '80:80/tcp', '80:80/udp')).toEqual({
      ports: [
        { hostPort: 80, containerPort: 80, protocol: 'tcp' },
        { hostPort: 80, containerPort: 80, protocol: 'udp' },
      ],
    })
  })
})

test('--expose takes ports and ranges, --publish-all both', () => {
  expect(readPorts({ publish: [], expose: ['80', '90-91/udp'], 'publish-all': true })).toEqual({
    publishAllPorts: true,
    exposedPorts: [
      { containerPort: 80, protocol: 'tcp' },
      { containerPort: 90, count: 2, protocol: 'udp' },
    ],
  })
  expect(() => readPorts({ publish: [], expose: ['8080:80'] })).toThrow(/cannot read --expose 8080:80: "8080:80" is no port/)
  expect(() => readPorts({ publish: [], expose: ['80/x'] })).toThrow(/"x" is no protocol/)
})

test('ports as ps and port show them', () => {
  const ports = [
    { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
    { hostPort: 5000, containerPort: 50, count: 2, protocol: 'udp', hostAddress: '::1' },
  ] as const
  expect(portsText(ports)).toBe('0.0.0.0:8080->80/tcp, [::1]:5000-5001->50-51/udp')
  expect(singlePorts(ports)).toEqual([
    { container: '50/udp', hostAddress: '::1', hostPort: 5000 },
    { container: '51/udp', hostAddress: '::1', hostPort: 5001 },
    { container: '80/tcp', hostAddress: '0.0.0.0', hostPort: 8080 },
  ])
  expect(portsText([])).toBe('')
})
