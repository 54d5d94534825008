/** Indented JSON and a newline. */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 4)}\n`
}

/** One JSON document a line, as docker's `--format json`. */
export function renderJsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}
