import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { useDirectory } from './fixtures/places.ts'

const at = useDirectory()

/** In MiB, of a process of its own. */
function peak(place: string, mebibytes: number): number {
  const script = fileURLToPath(new URL('fixtures/peak-memory.ts', import.meta.url))
  return Number(execFileSync(process.execPath, ['-C', '@podwright/source', script, place, String(mebibytes)], { encoding: 'utf8' }))
}

test.each(['docker-archive', 'oci'])(
  '%s: what a large layer takes besides a small one does not grow with it',
  (transport) => {
    const small = peak(`${transport}:${at('small')}`, 1)
    const large = peak(`${transport}:${at('large')}`, 300)
    // Some 10 in practice; a layer that was held would be 300, one whose garbage piled up 64.
    expect(large - small).toBeLessThan(50)
  },
  120_000,
)
