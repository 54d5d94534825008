/** What a pipeline may refer to while a template is read, and how deep it is nested. */
export class Scope {
  /** `$` is always there. */
  variables: string[] = ['$']
  rangeDepth = 0
  nesting = 0
  readonly #functions: ReadonlySet<string>

  constructor(functions: ReadonlySet<string>) {
    this.#functions = functions
  }

  hasFunction(name: string): boolean {
    return this.#functions.has(name)
  }

  hasVariable(name: string): boolean {
    return this.variables.includes(name)
  }
}
