/** Spaces between columns. */
const gap = 3

/** Lines of columns, as wide as their widest cell; the last column is not padded. A header stands on top unless it is undefined. */
export async function renderTable(header: readonly string[] | undefined, rows: readonly (readonly string[])[]): Promise<string> {
  const lines = header === undefined ? rows : [header, ...rows]
  const width = await widthFor(lines)
  const widths: number[] = []
  for (const line of lines) {
    line.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell))
    })
  }
  return lines.map((line) => `${renderLine(line, widths, width)}\n`).join('')
}

/** How many columns of a terminal a text takes. */
export type WidthOf = (text: string) => number

function renderLine(cells: readonly string[], widths: readonly number[], width: WidthOf): string {
  return cells
    .map((cell, column) => (column === cells.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell) + gap)))
    .join('')
    .trimEnd()
}

/** Wide characters need a library; plain ASCII, which nearly everything is, does not wait for it. */
export async function widthFor(lines: readonly (readonly string[])[]): Promise<WidthOf> {
  // oxlint-disable-next-line no-control-regex -- the test is for ASCII
  if (lines.every((line) => line.every((cell) => /^[\x20-\x7e]*$/.test(cell)))) return (text) => text.length
  return (await import('fast-string-width')).default
}
