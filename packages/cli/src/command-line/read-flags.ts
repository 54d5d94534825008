import { CliError } from '../errors.ts'
import type { FlagDefinition, FlagDefinitions, FlagValue } from './flags.ts'
import { parseFlagValue } from './flag-values.ts'

/** What `readFlags` made of a command line. */
export interface ReadFlags {
  readonly values: Readonly<Record<string, FlagValue>>
  readonly args: readonly string[]
}

/** Options of `readFlags`. */
export interface ReadFlagsOptions {
  /** Flags end at the first argument. @default false */
  readonly stopsAtFirstArgument?: boolean | undefined
}

/**
 * Reads a command line as docker and podman do, whose grammar is that of Go's pflag: `-itd`, `-eA=b`, `-e=A=b`, `--env A=b`, `--env=A=b`, `--rm`,
 * `--rm=false`, and `--` before what is no flag. A value is the next word whatever it looks like. Neither commander nor `util.parseArgs` reads
 * `-e=A=b`, `-d=false` or `--rm=false`, and commander takes 20 ms of start-up, so that this is ours.
 *
 * @throws CliError `ERR_CLI_FLAG_UNKNOWN` with `details.flag`, `ERR_CLI_FLAG_VALUE`
 */
export function readFlags(definitions: FlagDefinitions, words: readonly string[], options: ReadFlagsOptions = {}): ReadFlags {
  const reader = new FlagReader(definitions, words)
  const args: string[] = []
  for (let word = reader.next(); word !== undefined; word = reader.next()) {
    if (word === '--') {
      args.push(...reader.rest())
    } else if (word.startsWith('--')) {
      reader.readLong(word.slice(2))
    } else if (word.startsWith('-') && word.length > 1) {
      reader.readShorts(word.slice(1))
    } else {
      args.push(word)
      if (options.stopsAtFirstArgument === true) args.push(...reader.rest())
    }
  }
  return { values: reader.values, args }
}

class FlagReader {
  readonly values: Record<string, FlagValue> = {}
  readonly #definitions: FlagDefinitions
  readonly #byLong = new Map<string, string>()
  readonly #byShort = new Map<string, string>()
  readonly #words: readonly string[]
  #position = 0

  constructor(definitions: FlagDefinitions, words: readonly string[]) {
    this.#definitions = definitions
    this.#words = words
    for (const [name, definition] of Object.entries(definitions)) {
      this.#byLong.set(name, name)
      for (const alias of definition.aliases ?? []) this.#byLong.set(alias, name)
      if (definition.short !== undefined) this.#byShort.set(definition.short, name)
      if (definition.kind === 'words' || definition.kind === 'list') this.values[name] = []
    }
  }

  next(): string | undefined {
    return this.#words[this.#position++]
  }

  rest(): readonly string[] {
    const rest = this.#words.slice(this.#position)
    this.#position = this.#words.length
    return rest
  }

  /** `name` or `name=value`. */
  readLong(text: string): void {
    const [long, inline] = splitAtEquals(text)
    const name = this.#byLong.get(long)
    if (name === undefined) throw unknownFlag(`--${long}`)
    this.#take(name, `--${long}`, inline)
  }

  /** `itd`, `eVALUE`, `e=VALUE`, `d=false`: letters of flags without values, then perhaps one with its value. */
  readShorts(letters: string): void {
    for (let index = 0; index < letters.length; index++) {
      const letter = letters[index] ?? ''
      const name = this.#byShort.get(letter)
      if (name === undefined) throw unknownFlag(`-${letter}`, letters.length > 1 ? `-${letters}` : undefined)
      const rest = letters.slice(index + 1)
      const inline = rest.startsWith('=') ? rest.slice(1) : rest
      if (rest.startsWith('=') || (this.#definition(name).kind !== 'boolean' && rest !== '')) return this.#take(name, `-${letter}`, inline)
      this.#take(name, `-${letter}`, undefined)
    }
  }

  #take(name: string, typed: string, inline: string | undefined): void {
    const definition = this.#definition(name)
    const text = inline ?? (definition.kind === 'boolean' ? 'true' : this.next())
    if (text === undefined) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `flag ${typed} needs a value`, { details: { flag: typed } })
    }
    this.values[name] = parseFlagValue({ typed, definition, text, earlier: this.values[name] })
  }

  #definition(name: string): FlagDefinition {
    const definition = this.#definitions[name]
    if (definition === undefined) throw new TypeError(`flag ${name} has no definition`)
    return definition
  }
}

function splitAtEquals(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function unknownFlag(flag: string, within?: string): CliError {
  const where = within === undefined ? '' : ` in ${within}`
  return new CliError('ERR_CLI_FLAG_UNKNOWN', `unknown flag: ${flag}${where}`, { details: { flag } })
}
