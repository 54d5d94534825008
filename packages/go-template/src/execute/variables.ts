/** The variables that are seen at a place of a template; the last of a name hides the ones before. */
export class Variables {
  readonly #names: string[] = ['$']
  readonly #values: unknown[]

  /** @param root what `$` is */
  constructor(root: unknown) {
    this.#values = [root]
  }

  get size(): number {
    return this.#names.length
  }

  declare(name: string, value: unknown): void {
    this.#names.push(name)
    this.#values.push(value)
  }

  get(name: string): unknown {
    return this.#values[this.#names.lastIndexOf(name)]
  }

  /** Whether there is such a variable. */
  set(name: string, value: unknown): boolean {
    const at = this.#names.lastIndexOf(name)
    if (at >= 0) this.#values[at] = value
    return at >= 0
  }

  /** Forgets what was declared since there were `size` of them. */
  cutTo(size: number): void {
    this.#names.length = size
    this.#values.length = size
  }
}
