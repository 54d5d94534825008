import type { RegistryOptions, SearchResult } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag } from '../command-line/format-flag.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { accessFlags, accessOptions } from '../images/registry-flags.ts'
import { type ListedTag, searchList, tagList } from '../images/search-rows.ts'
import type { ListFlags } from '../render/list-definition.ts'
import { printList } from '../render/print-list.ts'

/** `podwright search` */
export const search: Command = defineCommand({
  name: 'search',
  usage: '[options] TERM',
  summary: 'Find images at registries',
  description:
    'HOST/TERM searches that registry, TERM alone those of unqualified-search-registries in registries.conf, else docker.io. A registry that offers no search is asked for the list of all that it has.',
  flags: {
    ...accessFlags,
    compatible: { kind: 'boolean', description: 'Understood and not needed: stars and official are always shown', hidden: true },
    filter: {
      kind: 'words',
      short: 'f',
      value: 'NAME=VALUE',
      description: 'Show only what has this many stars, is-official or is-automated',
    },
    format: formatFlag,
    limit: { kind: 'integer', description: 'Most results of each registry, 1 to 100', defaultText: '25' },
    'list-tags': { kind: 'boolean', description: 'TERM is the name of a repository: list its tags' },
    'no-trunc': { kind: 'boolean', description: 'Show descriptions whole' },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['search debian', 'search --filter is-official=true --limit 5 debian', 'search --list-tags registry.example.com/app'],
  async run(context, { flags, args }) {
    const [term = ''] = args
    if (flags.limit !== undefined && (flags.limit < 1 || flags.limit > 100)) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${flags.limit}" for --limit: it is 1 to 100`)
    }
    const access = { ...accessOptions(flags), signal: context.signals.signal }
    if (flags['list-tags'] === true) return listTags(context, { term, limit: flags.limit, flags }, access)
    const engine = await context.engine()
    const found = await filterResults(await engine.registries.search(term, { ...access, limit: flags.limit }), flags.filter)
    await printList(context.stdout, found, searchList({ whole: flags['no-trunc'] === true }), flags)
    return 0
  },
})

async function listTags(
  context: CommandContext,
  {
    term,
    limit = Number.POSITIVE_INFINITY,
    flags,
  }: { readonly term: string; readonly limit: number | undefined; readonly flags: ListFlags },
  access: RegistryOptions,
): Promise<number> {
  const engine = await context.engine()
  const tags: ListedTag[] = []
  for await (const tag of engine.registries.tags(term, access)) {
    tags.push({ name: term, tag })
    if (tags.length >= limit) break
  }
  await printList(context.stdout, tags, tagList, flags)
  return 0
}

async function filterResults(results: readonly SearchResult[], filters: readonly string[]): Promise<readonly SearchResult[]> {
  if (filters.length === 0) return results
  const { searchFilter } = await import('../images/search-filters.ts')
  return results.filter(searchFilter(filters))
}
