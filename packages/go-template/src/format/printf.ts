import { kindOf, typeNameOf } from '../values/types.ts'
import { type Flags, noFlags } from './flags.ts'
import { formatValue, textOf } from './format-value.ts'

/** Go's own limit of a width or precision. */
const widest = 1_000_000

/** `fmt.Sprintf` of Go: mistakes of the format are in its result, as `%!d(MISSING)`. */
export function sprintf(format: string, values: readonly unknown[]): string {
  return new Formatter(format, values).run()
}

/** `fmt.Sprint`: a space between two values neither of which is a text. */
export function sprint(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const apart = index > 0 && kindOf(value) !== 'string' && kindOf(values[index - 1]) !== 'string'
      return `${apart ? ' ' : ''}${textOf(value)}`
    })
    .join('')
}

/** `fmt.Sprintln`: a space between all values, and a new line. */
export function sprintln(values: readonly unknown[]): string {
  return `${values.map(textOf).join(' ')}\n`
}

class Formatter {
  readonly #format: string
  readonly #values: readonly unknown[]
  #at = 0
  #next = 0
  /** An index in brackets was used: no extra values are told. */
  #reordered = false
  /** The index in brackets was a good one. */
  #goodIndex = true

  constructor(format: string, values: readonly unknown[]) {
    this.#format = format
    this.#values = values
  }

  run(): string {
    const pieces: string[] = []
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at)
      pieces.push(this.#format.slice(this.#at, percent < 0 ? undefined : percent))
      if (percent < 0) break
      this.#at = percent + 1
      pieces.push(this.#directive())
    }
    return pieces.join('') + this.#extra()
  }

  #directive(): string {
    const flags = this.#flags()
    this.#goodIndex = true
    let problems = ''
    let afterIndex = this.#index()
    if (this.#format[this.#at] === '*') {
      this.#at++
      problems += this.#starWidth(flags)
      afterIndex = false
    } else {
      flags.width = this.#number()
      if (afterIndex && flags.width !== undefined) this.#goodIndex = false
    }
    if (this.#format[this.#at] === '.') {
      this.#at++
      if (afterIndex) this.#goodIndex = false
      afterIndex = this.#index()
      problems += this.#precision(flags, afterIndex)
    }
    if (!afterIndex) this.#index()
    return problems + this.#verb(flags)
  }

  #flags(): Flags {
    const flags = noFlags()
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case '#':
          flags.sharp = true
          break
        case '0':
          flags.zero = true
          break
        case '+':
          flags.plus = true
          break
        case '-':
          flags.minus = true
          break
        case ' ':
          flags.space = true
          break
        default:
          return flags
      }
    }
  }

  #starWidth(flags: Flags): string {
    const width = this.#integerArgument()
    if (width === undefined) return '%!(BADWIDTH)'
    flags.minus ||= width < 0
    flags.width = Math.abs(width)
    return ''
  }

  #precision(flags: Flags, afterIndex: boolean): string {
    if (this.#format[this.#at] === '*') {
      this.#at++
      flags.precision = this.#integerArgument()
      if (flags.precision !== undefined && flags.precision < 0) flags.precision = undefined
      return flags.precision === undefined ? '%!(BADPREC)' : ''
    }
    const digits = this.#number()
    if (afterIndex && digits !== undefined) this.#goodIndex = false
    flags.precision = digits ?? 0
    return ''
  }

  #verb(flags: Flags): string {
    if (this.#at >= this.#format.length) return '%!(NOVERB)'
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at) ?? 0)
    this.#at += verb.length
    if (verb === '%') return '%'
    if (!this.#goodIndex) return `%!${verb}(BADINDEX)`
    if (this.#next >= this.#values.length) return `%!${verb}(MISSING)`
    if (verb === 'v') Object.assign(flags, { named: flags.plus, syntax: flags.sharp, plus: false, sharp: false })
    return formatValue(this.#values[this.#next++], verb, flags)
  }

  /** `[N]`, with which the N-th value is next. */
  #index(): boolean {
    if (this.#format[this.#at] !== '[') return false
    this.#reordered = true
    const close = this.#format.indexOf(']', this.#at)
    const digits = close < 0 ? '' : this.#format.slice(this.#at + 1, close)
    const index = /^\d{1,7}$/.test(digits) ? Number(digits) - 1 : -1
    this.#at = close < 0 ? this.#at + 1 : close + 1
    this.#goodIndex = index >= 0 && index < this.#values.length
    if (this.#goodIndex) this.#next = index
    return this.#goodIndex
  }

  #number(): number | undefined {
    const [digits = ''] = /^\d*/.exec(this.#format.slice(this.#at, this.#at + 8)) ?? []
    if (digits === '') return undefined
    this.#at += digits.length
    return Math.min(Number(digits), widest)
  }

  #integerArgument(): number | undefined {
    const value = this.#values[this.#next]
    if (this.#next < this.#values.length) this.#next++
    return kindOf(value) === 'int' && Math.abs(Number(value)) <= widest ? Number(value) : undefined
  }

  #extra(): string {
    if (this.#reordered || this.#next >= this.#values.length) return ''
    const told = this.#values
      .slice(this.#next)
      .map((value) => (kindOf(value) === 'nil' || kindOf(value) === 'missing' ? '<nil>' : `${typeNameOf(value)}=${textOf(value)}`))
    return `%!(EXTRA ${told.join(', ')})`
  }
}
