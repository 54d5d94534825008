import { expect, test } from 'vitest'
import { hostDevices } from '../../src/index.ts'

test('devices of the host, without what every container has', async () => {
  const devices = hostDevices()
  expect(devices.every(({ source, type }) => source.startsWith('/dev/') && (type === 'c' || type === 'b'))).toBe(true)
  expect(devices.some(({ source }) => /^\/dev\/(null|console|pts|shm)/.test(source))).toBe(false)
  const kmsg = devices.find(({ source }) => source === '/dev/kmsg')
  expect(kmsg === undefined || (kmsg.major === 1 && kmsg.minor === 11)).toBe(true)
})

test('a directory that is not there has none', async () => {
  expect(hostDevices('/no/such/directory')).toEqual([])
})
