import { goFieldAlias } from './types.ts'

/** A property of a struct: one of the object or of its class, never of Object itself. */
export interface FoundField {
  readonly value: unknown
  /** Called with what stands behind it. */
  readonly isMethod: boolean
}

/** Finds a field or method of a struct; undefined when there is none of that name. A getter is called. */
export function findField(struct: object, name: string): FoundField | undefined {
  const found = hasField(struct, name) ? name : aliasOf(struct, name)
  if (found === undefined || !hasField(struct, found)) return undefined
  const value = (struct as Readonly<Record<string, unknown>>)[found]
  return { value: value ?? null, isMethod: typeof value === 'function' }
}

/** The names of a struct's fields, in their order, without methods; each is what `{{.Name}}` would find. */
export function fieldNames(struct: object): readonly string[] {
  return namesOf(struct).filter((name) => !isFunction(struct, name))
}

/** The names of its fields and methods, for whoever looks for one that isn't there. */
export function memberNames(struct: object): readonly string[] {
  return namesOf(struct).filter((name) => !['String', 'toJSON', 'toString'].includes(name))
}

function namesOf(struct: object): readonly string[] {
  const names = new Set<string>()
  for (const level of levelsOf(struct)) {
    for (const name of Object.getOwnPropertyNames(level)) if (name !== 'constructor') names.add(name)
  }
  return [...names]
}

function hasField(struct: object, name: string): boolean {
  return name !== 'constructor' && name !== '__proto__' && levelsOf(struct).some((level) => Object.hasOwn(level, name))
}

/** Without calling a getter. */
function isFunction(struct: object, name: string): boolean {
  const level = levelsOf(struct).find((candidate) => Object.hasOwn(candidate, name))
  return level !== undefined && typeof Object.getOwnPropertyDescriptor(level, name)?.value === 'function'
}

/** The object and its classes. */
function levelsOf(struct: object): readonly object[] {
  const levels: object[] = []
  for (let level: object | null = struct; level !== null && level !== Object.prototype;) {
    levels.push(level)
    level = Object.getPrototypeOf(level) as object | null
  }
  return levels
}

function aliasOf(struct: object, name: string): string | undefined {
  const alias = (struct as { readonly [goFieldAlias]?: (name: string) => string | undefined })[goFieldAlias]
  return alias?.call(struct, name)
}
