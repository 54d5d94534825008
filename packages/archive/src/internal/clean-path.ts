import { latin1 } from './bytes.ts'

/** A component that is empty, `.` or `..`. */
const odd = /(?:^|\/)\.{0,2}(?:\/|$)/

/**
 * An entry's name as a path below the root, each byte one character, without a slash at either end and without `.` and `..`; empty for the root.
 * An absolute name counts from the root, and `a/../b` is `b`, as Docker and Podman read them.
 *
 * @returns undefined when the name leads out of the root.
 */
export function cleanPath(name: Uint8Array): string | undefined {
  let text = latin1(name)
  if (text.startsWith('./')) text = text.slice(2)
  if (text.endsWith('/')) text = text.slice(0, -1)
  return text === '' || odd.test(text) ? cleanComponents(text) : text
}

function cleanComponents(text: string): string | undefined {
  const kept: string[] = []
  for (const component of text.split('/')) {
    if (component === '' || component === '.') continue
    if (component !== '..') kept.push(component)
    else if (kept.pop() === undefined) return undefined
  }
  return kept.join('/')
}

/** The last component of a cleaned path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** All but the last component; empty for what lies in the root. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** `name` in the directory `parent`. */
export function joinPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`
}
