/** Whether something has a label: `NAME`, or `NAME=VALUE`. */
export function hasLabel(labels: Readonly<Record<string, string>>, text: string): boolean {
  const at = text.indexOf('=')
  const name = at < 0 ? text : text.slice(0, at)
  return Object.hasOwn(labels, name) && (at < 0 || labels[name] === text.slice(at + 1))
}
