import { defaultServerConditions } from 'vite'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What every room's unit tests share: they run from source, so that no build is needed. */
const shared: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@podwright/source', ...defaultServerConditions] } },
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

export default shared
