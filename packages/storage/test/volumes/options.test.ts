import { describe, expect, test } from 'vitest'
import { parseLocalOptions } from '../../src/volumes/local/local-options.ts'
import { code } from '../fixtures/assertions.ts'
import { volumeHouse } from '../fixtures/volumes.ts'

const plain = { mount: undefined, uid: undefined, gid: undefined, sizeBytes: undefined, inodes: undefined, copiesUp: true }
const parse = (options: Readonly<Record<string, string>>, rootless = false): ReturnType<typeof parseLocalOptions> =>
  parseLocalOptions({ name: 'v', options }, rootless)

describe('options that local understands', () => {
  test.each([
    [{}, plain],
    [{ o: '' }, plain],
    [
      { uid: '7', gid: '8' },
      { ...plain, uid: 7, gid: 8 },
    ],
    [{ o: 'uid=7,gid=8,nocopy' }, { ...plain, uid: 7, gid: 8, copiesUp: false }],
    [{ copy: '' }, plain],
    [{ o: 'noquota' }, plain],
    [
      { size: '10M', inodes: '100' },
      { ...plain, sizeBytes: 10 << 20, inodes: 100 },
    ],
    [{ o: 'size=1.5g' }, { ...plain, sizeBytes: 1_610_612_736 }],
    [{ type: 'tmpfs' }, { ...plain, copiesUp: false, mount: { type: 'tmpfs', source: 'tmpfs', options: [] } }],
    [
      { type: 'tmpfs', device: 'tmpfs', o: 'size=100m,uid=1000' },
      { ...plain, copiesUp: false, mount: { type: 'tmpfs', source: 'tmpfs', options: ['size=100m', 'uid=1000'] } },
    ],
    [
      { type: 'none', device: '/srv', o: 'bind' },
      { ...plain, mount: { type: 'none', source: '/srv', options: ['bind'] } },
    ],
    [
      { device: '/srv', o: 'bind,ro' },
      { ...plain, mount: { type: 'none', source: '/srv', options: ['bind', 'ro'] } },
    ],
    [
      { type: 'bind', device: '/srv' },
      { ...plain, mount: { type: 'none', source: '/srv', options: ['bind'] } },
    ],
    [
      { type: 'nfs', device: ':/export', o: 'addr=10.0.0.1,rw' },
      { ...plain, mount: { type: 'nfs', source: ':/export', options: ['addr=10.0.0.1', 'rw'] } },
    ],
    [
      { type: 'ext4', device: '/dev/loop9', o: 'nocopy,noatime' },
      { ...plain, copiesUp: false, mount: { type: 'ext4', source: '/dev/loop9', options: ['noatime'] } },
    ],
  ])('%j', (options, wanted) => {
    expect(parse(options)).toEqual(wanted)
  })
})

describe('options that it refuses, by name', () => {
  test.each<[Readonly<Record<string, string>>, RegExp]>([
    [{ sise: '1g' }, /no option "sise"/],
    [{ constructor: 'x' }, /no option "constructor"/],
    [{ device: '/srv' }, /"device" needs the option "type"/],
    [{ type: 'none', o: 'bind' }, /"type" needs the option "device"/],
    [{ type: 'nfs' }, /needs the option "device"/],
    [{ o: 'addr=1.2.3.4' }, /"addr=1.2.3.4" in the option "o"/],
    [{ type: 'none', device: 'srv', o: 'bind' }, /"device" is no absolute path/],
    [{ type: '-o', device: 'x' }, /"type" is no file system/],
    [{ type: 'tm pfs' }, /"type" is no file system/],
    [{ uid: 'alice' }, /"uid" is no number/],
    [{ gid: '-1' }, /"gid" is no number/],
    [{ uid: '4294967295' }, /"uid" is no number/],
    [{ size: 'much' }, /"size" is no size/],
    [{ size: '0' }, /"size" is no size/],
    [{ size: '-1g' }, /"size" is no size/],
    [{ inodes: '1k' }, /"inodes" is no number/],
    [{ type: 'tmpfs', size: '1g' }, /"size" is for a volume without "type"/],
    [{ type: 'none', device: '/srv', o: 'bind', uid: '3' }, /"uid" is for a volume without "type"/],
    [{ type: 'tmpfs', o: 'size=1m\nx' }, /line break/],
  ])('%j', (options, message) => {
    expect(() => parse(options)).toThrow(message)
    expect(() => parse(options)).toSatisfy((run: () => void) => {
      try {
        run()
        return false
      } catch (error) {
        return code('ERR_VOLUME_OPTION')(error)
      }
    })
  })

  test.each(['nfs', 'ext4', 'cifs', 'xfs', 'proc'])('rootless, type %s', (type) => {
    expect(() => parse({ type, device: 'x' }, true)).toThrow(/a user namespace may not mount what the option "type" asks for/)
  })

  test('nothing is left of a volume that was refused', async () => {
    await using house = volumeHouse()
    await expect(house.volumes.create({ name: 'data', options: { bogus: '' } })).rejects.toSatisfy(code('ERR_VOLUME_OPTION'))
    await expect(house.volumes.create({ name: 'data', driver: 'nowhere' })).rejects.toSatisfy(code('ERR_VOLUME_DRIVER_UNKNOWN'))
    await expect(house.volumes.create({ name: 'data', driver: 'toString' })).rejects.toSatisfy(code('ERR_VOLUME_DRIVER_UNKNOWN'))
    expect(house.volumes.list()).toEqual([])
    await house.volumes.create({ name: 'data' })
  })
})

test('uid and gid are whose the directory is', async () => {
  await using house = volumeHouse()
  const { path } = await house.volumes.create({ name: 'data', options: { o: 'uid=33,gid=34' } })
  expect(await house.shell(`stat -c '%u:%g %a' ${path}`)).toBe('33:34 755')
})

test.each([
  [{ size: '1g' }, 'size'],
  [{ o: 'inodes=9' }, 'inodes'],
])('a limit is refused, since it would not hold: %j', async (options, name) => {
  await using house = volumeHouse()
  await expect(house.volumes.create({ name: 'data', options })).rejects.toThrow(`the option "${name}" needs project quotas`)
  expect(house.volumes.list()).toEqual([])
})
