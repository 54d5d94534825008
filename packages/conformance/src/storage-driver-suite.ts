import type { LayerFormat, NamespaceExecutor, StorageDriverFactory } from '@podwright/contracts'
import { afterAll, beforeAll, describe, type TestContext } from 'vitest'
import { driverHouse, type DriverHouse } from './driver-house.ts'
import { lifeTests } from './storage-driver-life.ts'
import { mergeTests } from './storage-driver-merge.ts'
import { writeTests } from './storage-driver-write.ts'

/** What the suite needs to prove a storage driver. */
export interface StorageDriverSuiteOptions {
  readonly createDriver: StorageDriverFactory
  /** Where the driver's mounts are carried out and files are looked at. Asked once, before the first test. */
  readonly namespace: () => Promise<NamespaceExecutor>
  /** An empty directory on the file system to be tried, owned by the namespace's root, deleted afterwards. Absolute. */
  readonly directory: () => Promise<string>
  /** Unpacks an uncompressed layer into an empty directory, inside the namespace. */
  readonly unpack: (tar: Uint8Array, directory: string, format: LayerFormat) => Promise<void>
  /** Whether the namespace's root may make device nodes. @default true */
  readonly devices?: boolean | undefined
  /** Reason to skip all; the driver's own probe is asked besides. */
  readonly skip?: string | undefined
}

/**
 * Declares the tests that a storage driver must pass.
 *
 *     storageDriverSuite('overlay', { createDriver: createOverlayDriver, … })
 *
 * Needs `unshare` and a POSIX shell with the usual tools inside the namespace. Where the driver's probe says that it isn't supported, all tests are
 * skipped with its reason.
 */
export function storageDriverSuite(name: string, options: StorageDriverSuiteOptions): void {
  describe(`storage driver ${name}`, () => {
    let house: DriverHouse | undefined
    let reason = options.skip
    beforeAll(async () => {
      if (reason !== undefined) return
      house = await driverHouse(options)
      reason = house.unsupported
    })
    afterAll(() => house?.[Symbol.asyncDispose]())
    const enter = (context: TestContext): DriverHouse => {
      if (house === undefined || reason !== undefined) return context.skip(reason ?? 'no driver')
      return house
    }
    mergeTests(enter)
    writeTests(enter)
    lifeTests(enter)
  })
}
