import { lengthOf } from '../format/flags.ts'

/** Options of `alignTabs`. */
export interface AlignOptions {
  /** Characters that a column takes at least, the gap included. @default 10 */
  readonly minimumWidth?: number | undefined
  /** Spaces behind the widest cell of a column. @default 3 */
  readonly gap?: number | undefined
  /** How many columns of a terminal a text takes. @default one for each character */
  readonly widthOf?: ((text: string) => number) | undefined
}

/**
 * Turns tabs into spaces, so that cells stand below each other, as Go's text/tabwriter does: a cell is what ends in a tab, and a column is as wide as the
 * widest of the cells that follow each other in it line by line.
 */
export function alignTabs(text: string, { minimumWidth = 10, gap = 3, widthOf = lengthOf }: AlignOptions = {}): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const pieces = lines.map((cells) => (cells.length === 1 ? [cells[0] ?? ''] : []))
  const widths = lines.map(() => [] as number[])
  const deepest = lines.reduce((most, cells) => Math.max(most, cells.length), 0)
  for (let column = 0; column < deepest - 1; column++) measureColumn(lines, widths, column, { minimumWidth, gap, widthOf })
  lines.forEach((cells, row) => {
    if (cells.length > 1) pieces[row] = [alignLine(cells, widths[row] ?? [], widthOf)]
  })
  return pieces.map(([piece]) => piece).join('\n')
}

function measureColumn(lines: readonly (readonly string[])[], widths: number[][], column: number, options: Required<AlignOptions>): void {
  const { minimumWidth = 10, gap = 3, widthOf = lengthOf } = options
  for (let row = 0; row < lines.length;) {
    let end = row
    let width = minimumWidth
    for (; end < lines.length && (lines[end]?.length ?? 0) > column + 1; end++) {
      width = Math.max(width, widthOf(lines[end]?.[column] ?? '') + gap)
    }
    for (let at = row; at < end; at++) widths[at]?.push(width)
    row = Math.max(end, row + 1)
  }
}

function alignLine(cells: readonly string[], widths: readonly number[], widthOf: (text: string) => number): string {
  return cells
    .map((cell, column) => (column === cells.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)))))
    .join('')
}
