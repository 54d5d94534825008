import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config'
import shared from '../vitest.config.ts'

// What its tests count.
export type { TaskCounts } from '../../vitest.shared.ts'

/** What takes too long beside the other tests: `npm run test:long`. */
const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({ root: `${import.meta.dirname}/..`, test: { testTimeout: 600_000, hookTimeout: 300_000 } }),
)
config.test!.include = ['long/**/*.test.ts']

export default config
