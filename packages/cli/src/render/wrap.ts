/** Options of `wrap`. */
export interface WrapOptions {
  /** Characters that a line holds. */
  readonly width: number
  /** Spaces before every line but the first. @default 0 */
  readonly indent?: number
}

/** Breaks a text at its spaces so that no line is longer, unless a word is. */
export function wrap(text: string, { width, indent = 0 }: WrapOptions): string {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else {
        line = line === '' ? word : `${line} ${word}`
      }
    }
    lines.push(line)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}
