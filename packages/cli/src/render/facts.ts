/** What `renderFacts` takes. */
export type Fact = string | number | boolean | undefined | readonly Fact[] | { readonly [name: string]: Fact }

/** Facts as lines `name: value`, nested ones indented below their name; what is undefined is left out. */
export function renderFacts(facts: { readonly [name: string]: Fact }, indent = ''): string {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...known.filter(([, value]) => !isNested(value)).map(([name]) => name.length))
  return known.map(([name, value]) => renderFact(name, value, { indent, width })).join('')
}

function renderFact(name: string, value: Fact, { indent, width }: { readonly indent: string; readonly width: number }): string {
  if (!isNested(value)) return `${indent}${`${name}:`.padEnd(width + 2)}${Array.isArray(value) ? 'none' : String(value)}\n`
  const inner = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((item) => `${inner}${String(item)}\n`).join('')
    : renderFacts(value as { readonly [name: string]: Fact }, inner)
  return `${indent}${name}:\n${lines}`
}

/** Shown on lines of their own. */
function isNested(value: Fact): boolean {
  return typeof value === 'object' && !(Array.isArray(value) && value.length === 0)
}
