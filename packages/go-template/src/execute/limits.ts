import { GoTemplateError } from '../errors.ts'

/** How much a template may take, since others may have written it. */
export interface TemplateLimits {
  /** Characters that it may write, and that a single value may have. @default 67108864 */
  readonly maximumLength?: number | undefined
  /** Nodes, arguments and turns of a loop that are evaluated; long texts count as several. @default 10000000 */
  readonly maximumSteps?: number | undefined
  /** Templates within templates. @default 250 */
  readonly maximumDepth?: number | undefined
}

/** Characters of a text that count as one step. */
const charactersPerStep = 64

/** What has been used of the limits by one execution. */
export class Budget {
  readonly maximumDepth: number
  readonly #maximumLength: number
  readonly #maximumSteps: number
  #length = 0
  #steps = 0

  constructor({ maximumLength = 2 ** 26, maximumSteps = 10_000_000, maximumDepth = 250 }: TemplateLimits) {
    this.#maximumLength = maximumLength
    this.#maximumSteps = maximumSteps
    this.maximumDepth = maximumDepth
  }

  step(count = 1): void {
    this.#steps += count
    if (this.#steps > this.#maximumSteps) throw exceeded(`it takes more than ${this.#maximumSteps} steps`)
  }

  /** A value that was made: a text may have grown. */
  made(value: unknown): void {
    if (typeof value !== 'string') return
    if (value.length > this.#maximumLength) throw exceeded(`a text in it is longer than ${this.#maximumLength} characters`)
    this.step(Math.ceil(value.length / charactersPerStep))
  }

  written(text: string): void {
    this.#length += text.length
    if (this.#length > this.#maximumLength) throw exceeded(`it writes more than ${this.#maximumLength} characters`)
  }
}

function exceeded(reason: string): GoTemplateError {
  return new GoTemplateError('ERR_TEMPLATE_LIMIT', `cannot execute the template: ${reason}`)
}
