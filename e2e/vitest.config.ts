import { defaultServerConditions } from 'vite'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take a minute and more; begun last, one of them would keep a single processor busy at the end. */
const longest = ['clone', 'copying', 'system', 'guides', 'volumes', 'pull']

/** Those first, in this order, then the others as vitest has them: it knows how long each took only where it has run before. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return at < 0 ? longest.length : at
    }
    const known = await BaseSequencer.prototype.sort.call(this, files)
    return known.toSorted((a, b) => rank(a) - rank(b))
  }
}

/** The packed command against a real kernel. Tests wait for processes more than they compute, so a few at once keep two cores busy. */
const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@podwright/source', ...defaultServerConditions] } },
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['harness/global-setup.ts'],
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    // A look is a command, and takes a processor from what it waits for.
    expect: { poll: { timeout: 15_000, interval: 150 } },
    hookTimeout: 180_000,
  },
})

export default config
