import { expect, test } from 'vitest'
import { createVfsDriver } from '../src/index.ts'
import { code } from './fixtures/assertions.ts'
import { smallImage, storeImage } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

test('the driver is chosen when it is first needed, and kept', async () => {
  using place = scratch()
  {
    await using storage = await place.open({ driver: undefined })
    expect(storage.driverName()).toBe('auto')
    await storage.prepareSnapshot('k')
    expect(['overlay', 'fuse-overlayfs', 'vfs']).toContain(storage.driverName())
  }
  await using storage = await place.open({ driver: undefined })
  expect(storage.driverName()).not.toBe('auto')
})

test('another can be asked for only while nothing is stored', async () => {
  using place = scratch()
  const drivers = { other: (components: Parameters<typeof createVfsDriver>[0]) => ({ ...createVfsDriver(components), name: 'other' }) }
  {
    await using storage = await place.open()
    await storage.prepareSnapshot('k')
    await storage.removeSnapshot('k')
  }
  {
    await using storage = await place.open({ driver: 'other' }, { drivers })
    await storeImage(storage, 'example.org/a:1', smallImage('x'))
    expect(storage.driverName()).toBe('other')
  }
  await using storage = await place.open({}, { drivers })
  await expect(storage.prepareSnapshot('k')).rejects.toSatisfy(code('ERR_STORAGE_DRIVER_MISMATCH'))
})

test('one that is not known, or does not work, is refused with the reason', async () => {
  using place = scratch()
  const drivers = {
    broken: (components: Parameters<typeof createVfsDriver>[0]) => ({
      ...createVfsDriver(components),
      probe: () => Promise.resolve({ supported: false, reason: 'it is broken', hint: 'Mend it.' } as const),
    }),
  }
  {
    await using storage = await place.open({ driver: 'zfs' })
    await expect(storage.prepareSnapshot('k')).rejects.toSatisfy(code('ERR_STORAGE_DRIVER_UNKNOWN'))
  }
  await using storage = await place.open({ driver: 'broken' }, { drivers })
  await expect(storage.prepareSnapshot('k')).rejects.toThrow(/broken: it is broken/)
  await expect(storage.prepareSnapshot('k')).rejects.toMatchObject({ code: 'ERR_STORAGE_DRIVER_UNSUPPORTED', hint: 'Mend it.' })
})
