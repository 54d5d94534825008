import { defaultServerConditions } from 'vite'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The packed command against a real kernel: slow, and little of it at once. */
const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@podwright/source', ...defaultServerConditions] } },
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['harness/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})

export default config
