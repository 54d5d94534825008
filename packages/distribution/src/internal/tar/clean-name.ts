/** A member's name without `./`, doubled slashes and `x/..`. @returns undefined when it leads out of the archive */
export function cleanName(name: string): string | undefined {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  return name.startsWith('/') ? undefined : parts.join('/')
}
