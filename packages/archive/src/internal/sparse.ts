import { ArchiveError } from '../errors.ts'
import type { SparseRegion } from '../entry.ts'
import { blockBytes } from './header.ts'
import { parseNumber } from './numbers.ts'

/** More stretches than this are refused: a map of them would be a burden in itself. */
const maxRegions = 1 << 18

/** Old GNU format: four stretches in the header, and 21 in each extension block. */
const headerMap = { start: 386, count: 4, extended: 482 }
const extensionMap = { start: 0, count: 21, extended: 504 }
const realSizeOffset = 483

/** The file's size, as an old GNU sparse header has it. */
export function gnuRealSize(block: Uint8Array, start: number): number {
  return parseNumber(block, start + realSizeOffset, 12, 'the real size of a sparse file')
}

/**
 * Reads the stretches of an old GNU sparse header or extension block into `numbers`, offsets and lengths by turns.
 *
 * @returns whether an extension block follows.
 */
export function readGnuSparseBlock(block: Uint8Array, start: number, isHeader: boolean, numbers: number[]): boolean {
  const map = isHeader ? headerMap : extensionMap
  for (let index = 0; index < map.count; index++) {
    const at = start + map.start + index * 24
    if (block[at] === 0) break
    numbers.push(parseNumber(block, at, 12, 'an offset of a sparse file'), parseNumber(block, at + 12, 12, 'a length of a sparse file'))
  }
  checkCount(numbers.length / 2)
  return block[start + map.extended] !== 0
}

/** The map of version 1.0, at the head of an entry's data: decimal lines, padded to a whole block. Fed block by block. */
export class SparseMapReader {
  #numbers: number[] = []
  #wanted = -1
  #value = 0
  #digits = 0

  /** @returns offsets and lengths by turns, once the map is complete. */
  write(block: Uint8Array, start: number): number[] | undefined {
    for (let index = start; index < start + blockBytes; index++) {
      const byte = block[index]!
      if (byte !== 0x0a) this.#digit(byte)
      else if (this.#line()) return this.#numbers
    }
    return undefined
  }

  #digit(byte: number): void {
    if (byte < 0x30 || byte > 0x39 || ++this.#digits > 15) throw malformed('the map has something other than numbers')
    this.#value = this.#value * 10 + byte - 0x30
  }

  #line(): boolean {
    if (this.#digits === 0) throw malformed('the map has an empty line')
    if (this.#wanted < 0) {
      checkCount(this.#value)
      this.#wanted = this.#value * 2
    } else this.#numbers.push(this.#value)
    this.#value = 0
    this.#digits = 0
    return this.#numbers.length === this.#wanted
  }
}

/**
 * Offsets and lengths by turns, as stretches: ascending, inside the file, as long together as the data. Empty ones are dropped.
 *
 * @throws ERR_ARCHIVE_MALFORMED
 */
export function sparseRegions(numbers: readonly number[], sizeBytes: number, storedBytes: number): SparseRegion[] {
  if (numbers.length % 2 !== 0) throw malformed('an offset has no length')
  checkCount(numbers.length / 2)
  const regions: SparseRegion[] = []
  let end = 0
  let stored = 0
  for (let index = 0; index < numbers.length; index += 2) {
    const offset = numbers[index]!
    const length = numbers[index + 1]!
    if (offset < end || length < 0 || offset + length > sizeBytes) throw malformed('stretches overlap or lie outside of the file')
    end = offset + length
    stored += length
    if (length > 0) regions.push({ offset, length })
  }
  if (stored !== storedBytes) throw malformed('the stretches are not as long as the data')
  return regions
}

function checkCount(count: number): void {
  if (count > maxRegions) throw malformed(`it has more than ${maxRegions} stretches`)
}

function malformed(reason: string): ArchiveError {
  return new ArchiveError('ERR_ARCHIVE_MALFORMED', `read sparse file: ${reason}`)
}
