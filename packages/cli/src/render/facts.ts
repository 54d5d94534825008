/** What `renderFacts` takes. */
export type Fact = string | number | boolean | undefined | readonly Fact[] | { readonly [name: string]: Fact }

/** Facts as lines `name: value`, nested ones indented below their name; what is undefined is left out. */
export function renderFacts(facts: { readonly [name: string]: Fact }, indent = ''): string {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...known.filter(([, value]) => !isNested(value)).map(([name]) => name.length))
  return known.map(([name, value]) => renderFact(name, value, { indent, width })).join('')
}

function renderFact(name: string, value: Fact, { indent, width }: { readonly indent: string; readonly width: number }): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}${`${name}:`.padEnd(width + 2)}none\n`
    return `${indent}${name}:\n${value.map((item) => `${inner}${String(item)}\n`).join('')}`
  }
  if (isNested(value)) return `${indent}${name}:\n${renderFacts(value as { readonly [name: string]: Fact }, inner)}`
  return `${indent}${`${name}:`.padEnd(width + 2)}${String(value)}\n`
}

function isNested(value: Fact): boolean {
  return typeof value === 'object'
}
