import { copyImage, openImageArchive, openImageArchiveWriter } from '@podwright/distribution'
import { isPodwrightError } from '@podwright/conventions'
import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { fuzzing, fuzzTimeoutMs } from './fixtures/fuzz.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { useDirectory } from './fixtures/places.ts'
import { realImage } from './fixtures/real-image.ts'
import { tally } from './fixtures/tally.ts'

const at = useDirectory()
const image = realImage()

/** A change of an archive: bytes overwritten, cut out, or put in again. */
const change = fc.record({
  kind: fc.constantFrom('overwrite', 'remove', 'repeat', 'digit'),
  /** In millionths of the archive. */
  place: fc.integer({ min: 0, max: 1_000_000 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
})
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function changed(archive: Buffer, { kind, place, bytes }: Change): Buffer {
  const position = Math.floor((place / 1_000_000) * (archive.length - 1))
  if (kind === 'overwrite') return Buffer.concat([archive.subarray(0, position), bytes, archive.subarray(position + bytes.length)])
  if (kind === 'remove') return Buffer.concat([archive.subarray(0, position), archive.subarray(position + bytes.length * 16)])
  if (kind === 'repeat') return Buffer.concat([archive.subarray(0, position), archive.subarray(Math.max(0, position - 1024))])
  // One digit of a digest, a size or a count.
  const digit = archive.subarray(position).findIndex((byte) => byte >= 0x30 && byte <= 0x39)
  const copy = Buffer.from(archive)
  if (digit !== -1) copy[position + digit] = 0x30 + (bytes[0]! % 10)
  return copy
}

test.for(['docker-archive', 'oci-archive'] as const)(
  'a damaged %s is read right, or refused with a code',
  { timeout: fuzzTimeoutMs * 10 },
  async (format, context) => {
    const count = tally(context, `tars: ${format}`)
    {
      await using writer = await openImageArchiveWriter(at('a.tar'), { format })
      await copyImage(memorySource(image), writer.destination(['a/b:1']))
      await writer.finish()
    }
    const archive = readFileSync(at('a.tar'))
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const outcome = await outcomeOf(changes.reduce(changed, archive))
        count(outcome)
        outcomes.add(outcome)
      }),
      fuzzing,
    )
    expect([...outcomes].filter((outcome) => !/^(?:ERR_[A-Z_]+|right)$/.test(outcome))).toEqual([])
    // It is no test when all are refused at the door.
    expect(outcomes.size).toBeGreaterThan(2)
  },
)

/** A code; `right`; or what should not be. Digests that the test's destination finds wrong are wrong digests. */
async function outcomeOf(bytes: Buffer): Promise<string> {
  try {
    await using archive = await openImageArchive(Readable.from([bytes]), { temporaryDirectory: at() })
    for (const { source } of archive.images) await copyImage(source(), memoryDestination())
    return 'right'
  } catch (error) {
    if (isPodwrightError(error)) return error.code
    return error instanceof Error && error.message.startsWith('wrong digest') ? 'ERR_BLOB_DIGEST_MISMATCH' : String(error)
  }
}
