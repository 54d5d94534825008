import { CdiError, formatDeviceName, isDeviceName, parseDeviceName } from '@podwright/cdi'
import { describe, expect, test } from 'vitest'

describe('names of devices', () => {
  test.for([
    ['vendor.com/class=name', { vendor: 'vendor.com', class: 'class', name: 'name' }],
    ['nvidia.com/gpu=0', { vendor: 'nvidia.com', class: 'gpu', name: '0' }],
    ['nvidia.com/gpu=1:0', { vendor: 'nvidia.com', class: 'gpu', name: '1:0' }],
    ['v/c.d-e_f=GPU-1a.b_c', { vendor: 'v', class: 'c.d-e_f', name: 'GPU-1a.b_c' }],
  ] as const)('%s', ([text, parts]) => {
    expect(isDeviceName(text)).toBe(true)
    expect(parseDeviceName(text)).toEqual(parts)
    expect(formatDeviceName(parts)).toBe(text)
  })

  test.for([
    ['/dev/fuse', 'it has no ='],
    ['/dev/a=b', 'the vendor is empty'],
    ['vendor.com=name', 'it has no /'],
    ['vendor.com/=name', 'the class is empty'],
    ['vendor.com/class=', 'the name is empty'],
    ['1vendor/class=name', 'the vendor "1vendor"'],
    ['vendor./class=name', 'the vendor "vendor."'],
    ['vendor.com/cl/ass=name', 'the class "cl/ass"'],
    ['vendor.com/class=-name', 'the name "-name"'],
    ['vendor.com/class=na=me', 'the name "na=me"'],
    ['vendor.com/class=name\n', 'the name "name\\n"'],
  ])('%j is none', ([text = '', reason = '']) => {
    expect(isDeviceName(text)).toBe(false)
    expect(() => parseDeviceName(text)).toThrow(CdiError)
    expect(() => parseDeviceName(text)).toThrow(reason)
  })
})
