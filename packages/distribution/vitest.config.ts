import type { ViteUserConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

/** What goes over the wire is tested with both fetches that the package has. */
const overTheWire = ['auth', 'fault-table', 'faults', 'tls', 'upload'].map((name) => `test/${name}.test.ts`)

const config: ViteUserConfig = {
  ...shared,
  test: {
    projects: [
      { ...shared, test: { ...shared.test, name: 'node-fetch' } },
      { ...shared, test: { ...shared.test, name: 'http-fetch', include: overTheWire, env: { TEST_FETCH: 'http' } } },
    ],
  },
}

export default config
