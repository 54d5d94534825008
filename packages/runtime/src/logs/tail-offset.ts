import type { FileHandle } from 'node:fs/promises'
import { endsLine } from './log-line.ts'

const blockBytes = 64 * 1024
const newline = 0x0a

/** A place in a log of several files. */
export interface LogPosition {
  /** Which of the files, from 0 on. */
  readonly index: number
  readonly offset: number
}

/** Where the last `count` lines of the container begin, in files of which the last is the newest; found from the end, a block at a time. */
export async function tailPosition(files: readonly FileHandle[], count: number): Promise<LogPosition> {
  const last = files.length - 1
  if (count <= 0) return { index: last, offset: (await files[last]?.stat())?.size ?? 0 }
  let found = 0
  let isLast = true
  for (const [index, file] of [...files.entries()].toReversed()) {
    for await (const { line, end } of linesBackward(file, (await file.stat()).size)) {
      // A last piece without an end is a line, too.
      if (endsLine(line) || isLast) {
        if (found === count) return { index, offset: end }
        found += 1
      }
      isLast = false
    }
  }
  return { index: 0, offset: 0 }
}

/** Whole lines with the offset after them, the last first. What follows the last newline is being written, and left out. */
async function* linesBackward(file: FileHandle, sizeBytes: number): AsyncIterable<{ line: Buffer; end: number }> {
  let held = Buffer.alloc(0)
  let start = sizeBytes
  let end: number | undefined
  while (start > 0) {
    const length = Math.min(blockBytes, start)
    const block = Buffer.alloc(length)
    start -= length
    await file.read(block, 0, length, start)
    held = Buffer.concat([block, held])
    if (end === undefined) {
      const last = held.lastIndexOf(newline)
      if (last < 0) continue
      held = held.subarray(0, last + 1)
      end = start + last + 1
    }
    let before = held.lastIndexOf(newline, -2)
    while (held.length > 1 && before >= 0) {
      yield { line: held.subarray(before + 1), end }
      end = start + before + 1
      held = held.subarray(0, before + 1)
      before = held.length > 1 ? held.lastIndexOf(newline, -2) : -1
    }
  }
  if (end !== undefined && held.length > 0) yield { line: held, end }
}
