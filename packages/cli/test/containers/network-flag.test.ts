import { expect, test } from 'vitest'
import { networkWord, readNetwork } from '../../src/containers/network-flag.ts'

test.each([
  'pasta',
  'pasta:--mtu,1400,-t,8080:80',
  'slirp4netns',
  'slirp4netns:allow_host_loopback=true,mtu=1400,cidr=10.9.0.0/24,enable_ipv6=false,outbound_addr=lo,outbound_addr6=::1',
])('%s is read, and written as it was', (text) => {
  const { network, uplink } = readNetwork(text)
  expect(network).toBe('private')
  expect(uplink && networkWord(uplink)).toBe(text)
})

test("slirp4netns's own way to forward ports is how it is", () => {
  expect(readNetwork('slirp4netns:port_handler=slirp4netns')).toEqual({ network: 'private', uplink: { program: 'slirp4netns' } })
})

test.each([
  ['pasta:--foreground', 'podwright says that to pasta itself'],
  ['pasta:mtu=1400', 'it is no option'],
  ['slirp4netns:bad=1', 'there is no such option'],
  ['slirp4netns:mtu=x', 'it is a number of bytes'],
  ['slirp4netns:mtu', 'it is a number of bytes'],
  ['slirp4netns:cidr=10.0.2.0/28', 'it is a network of IPv4'],
  ['slirp4netns:enable_ipv6=x', 'it is true or false'],
  ['slirp4netns:outbound_addr=::1', 'it is an address of IPv4'],
  ['slirp4netns:outbound_addr6=nowhere0', 'it is an address of IPv6'],
  ['slirp4netns:port_handler=rootlesskit', 'podwright forwards ports by slirp4netns itself'],
  ['slirp4netns:port_handler=x', 'it is slirp4netns'],
  ['mine', 'networks by name'],
])('%s is refused', (text, reason) => {
  expect(() => readNetwork(text)).toThrow(reason)
})
