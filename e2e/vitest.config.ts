import { defaultServerConditions } from 'vite'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The packed command against a real kernel. Tests wait for processes more than they compute, so a few at once keep two cores busy. */
const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@podwright/source', ...defaultServerConditions] } },
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['harness/global-setup.ts'],
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})

export default config
