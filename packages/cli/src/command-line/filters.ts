import { CliError } from '../errors.ts'
import { suggest } from './suggest.ts'

/** Tests of one filter's values; all values of a name are handed over at once. */
export type FilterTests<Item> = Readonly<Record<string, (values: readonly string[]) => (item: Item) => boolean>>

/**
 * Reads `--filter NAME=VALUE`: an item passes when it passes every name; what several values of one name mean is the name's affair.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function parseFilters<Item>(texts: readonly string[], tests: FilterTests<Item>): (item: Item) => boolean {
  const chosen = [...groupFilters(texts)].map(([name, values]) => {
    const test = Object.hasOwn(tests, name) ? tests[name] : undefined
    if (test === undefined) throw unknownFilter(name, Object.keys(tests))
    return test(values)
  })
  return (item) => chosen.every((passes) => passes(item))
}

/** The values of each filter's name, in order. @throws CliError `ERR_CLI_FLAG_VALUE` */
export function groupFilters(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --filter: it is not NAME=VALUE`)
    }
    const name = text.slice(0, at).trim().toLowerCase()
    groups.set(name, [...(groups.get(name) ?? []), text.slice(at + 1).trim()])
  }
  return groups
}

/** Whether labels have every one of `NAME` and `NAME=VALUE`. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
  return wanted.every((text) => {
    const at = text.indexOf('=')
    const name = at < 0 ? text : text.slice(0, at)
    return Object.hasOwn(labels, name) && (at < 0 || labels[name] === text.slice(at + 1))
  })
}

function unknownFilter(name: string, known: readonly string[]): CliError {
  const [meant] = suggest(name, known)
  return new CliError('ERR_CLI_FLAG_VALUE', `unknown filter "${name}"`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}The filters are ${known.join(', ')}.`,
    details: { filter: name },
  })
}
