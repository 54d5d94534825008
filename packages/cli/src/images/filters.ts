import type { StoredImage } from '@podwright/contracts'
import { familiarName, parseReference } from '@podwright/oci'
import { type FilterTests, hasLabels, parseFilters } from '../command-line/filters.ts'
import { CliError } from '../errors.ts'
import type { ImageRow } from './image-rows.ts'

/**
 * The test that `images --filter`, and its argument, ask for. `all` are the images that `before` and `since` refer to.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function imageFilter(texts: readonly string[], all: readonly StoredImage[]): (row: ImageRow) => boolean {
  return parseFilters(texts, imageTests(all))
}

function imageTests(all: readonly StoredImage[]): FilterTests<ImageRow> {
  const created = (reference: string): number => referred(all, reference).created?.getTime() ?? 0
  const older = (values: readonly string[]): ((row: ImageRow) => boolean) => {
    const moments = values.map(created)
    return ({ image }) => moments.some((moment) => (image.created?.getTime() ?? 0) < moment)
  }
  const newer = (values: readonly string[]): ((row: ImageRow) => boolean) => {
    const moments = values.map(created)
    return ({ image }) => moments.some((moment) => (image.created?.getTime() ?? 0) > moment)
  }
  return {
    reference: (values) => {
      const patterns = values.map(globPattern)
      return ({ name }) => name !== undefined && patterns.some((pattern) => spellingsOf(name).some((spelling) => pattern.test(spelling)))
    },
    dangling: (values) => {
      const wanted = values.map(checkBoolean)
      return ({ image }) => wanted.includes(image.names.length === 0)
    },
    id:
      (values) =>
      ({ image }) =>
        values.some((value) => image.id.startsWith(value) || image.id.slice(7).startsWith(value)),
    label:
      (values) =>
      ({ image }) =>
        hasLabels(image.labels, values),
    before: older,
    since: newer,
    after: newer,
  }
}

/** As typed in full and in short, each with and without its tag. What was made here is found without its `localhost`, too. */
function spellingsOf(name: string): readonly string[] {
  const { tag: _, ...untagged } = parseReference(name)
  const reference = parseReference(name)
  const local = untagged.registry === 'localhost' ? [untagged.repository, `${untagged.repository}:${reference.tag}`] : []
  return [name, familiarName(reference), familiarName(untagged), `${untagged.registry}/${untagged.repository}`, ...local]
}

/** Go's path.Match: `*` and `?` stop at a slash. A name within its registry is found as well. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  try {
    return new RegExp(`^${source}$`)
  } catch {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid pattern "${glob}" in --filter reference`)
  }
}

function checkBoolean(text: string): boolean {
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" in --filter dangling: it is true or false`)
}

function referred(all: readonly StoredImage[], reference: string): StoredImage {
  const found = all.find(({ id, names }) => names.some((name) => spellingsOf(name).includes(reference)) || id === reference)
  const byPrefix =
    found ?? (/^[0-9a-f]{4,64}$/.test(reference) ? all.find(({ id }) => id.slice(id.indexOf(':') + 1).startsWith(reference)) : undefined)
  if (byPrefix === undefined)
    throw new CliError('ERR_CLI_FLAG_VALUE', `cannot filter by image "${reference}": there is none of that name or id`)
  return byPrefix
}
