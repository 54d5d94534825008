import { availableParallelism } from 'node:os'
import { defaultServerConditions } from 'vite'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What a test did many times, and how often it ended how: `npm run test:long` sums it up. */
export interface TaskCounts {
  /** `manifests`, `podwright pull` */
  readonly subject: string
  readonly unit: 'cases' | 'kills' | 'commands'
  /** By a code, or by some words. */
  readonly outcomes: Record<string, number>
}

declare module 'vitest' {
  interface TaskMeta {
    counts?: TaskCounts[]
  }
}

/** What every room's unit tests share: they run from source, so that no build is needed. */
const shared: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@podwright/source', ...defaultServerConditions] } },
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // Programs of ours that tests start from source: V8 would compile them anew each time.
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? `${import.meta.dirname}/.cache/compiled` },
    // vitest leaves one processor to itself; most of these tests wait for processes and disks.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    // On a busy machine a program takes seconds to start.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 60_000,
  },
})

export default shared
