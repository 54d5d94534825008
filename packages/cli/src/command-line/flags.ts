/** How a flag's value is read. `words`: each use adds one; `list`: each use adds what stands between commas. */
export type FlagKind = 'boolean' | 'text' | 'words' | 'list' | 'integer' | 'number'

/** One flag of a command, as data: parsing, `--help`, completion and the reference are made from it. */
export interface FlagDefinition {
  readonly kind: FlagKind
  /** One letter, without its dash. */
  readonly short?: string
  /** Other long names that mean the same, without dashes. */
  readonly aliases?: readonly string[]
  /** What stands for the value in `--help`. @default 'string' */
  readonly value?: string
  /** A phrase without a full stop. */
  readonly description: string
  /** What holds when it isn't given, for `--help` only. */
  readonly defaultText?: string
  /** Some of its values, for completion: others are right, too. */
  readonly examples?: readonly string[]
  /** The values that there are. */
  readonly choices?: readonly string[]
  /** Understood, and left out of `--help`. */
  readonly hidden?: boolean
}

/** The flags of a command by long name, without dashes. */
export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>

/** What a flag of a kind is read as. */
interface FlagKindValues {
  readonly boolean: boolean | undefined
  readonly text: string | undefined
  readonly words: readonly string[]
  readonly list: readonly string[]
  readonly integer: number | undefined
  readonly number: number | undefined
}

/** The values read, by long name. A flag that was not given is undefined, or an empty array. */
export type FlagValues<Flags extends FlagDefinitions> = { readonly [Name in keyof Flags]: FlagKindValues[Flags[Name]['kind']] }

/** A value of any flag. */
export type FlagValue = FlagKindValues[FlagKind]
