import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import * as z from 'zod/mini'
import { DistributionError } from '../../errors.ts'
import type { FoundRepository, Repository } from '../../registry-client.ts'
import { orElse, readJson } from '../read-json.ts'
import { listRepositories } from './lists.ts'
import { performAndRead, protocolError, type Session } from './session.ts'

/** Most entries that Docker Hub gives at a time. */
const pageMaximum = 100
const answerMaximumBytes = 4 * 1024 * 1024

/** What is searched for, where. */
export interface SearchRequest extends AbortOptions {
  readonly limit: number
}

/** Docker Hub's search is elsewhere than its registry. */
const searchHosts: Readonly<Record<string, string>> = { 'docker.io': 'index.docker.io', 'index.docker.io': 'index.docker.io' }

/**
 * Searches by docker's v1 API (`GET /v1/search?q=WORD&n=COUNT`), and where a registry has none, in the list of all that it has.
 *
 * @throws `ERR_REGISTRY_SEARCH` when it has neither
 */
export async function searchRepositories(
  session: Session,
  target: Omit<Repository, 'repository'>,
  word: string,
  request: SearchRequest,
): Promise<readonly FoundRepository[]> {
  try {
    return await searchIndex(session, target, word, request)
  } catch (error) {
    // Whoever asks the list for credentials says so itself.
    if (!hasNoSearch(error) && !isPodwrightError(error, 'ERR_REGISTRY_UNAUTHORIZED')) throw error
  }
  try {
    return await searchCatalogue(session, target, word, request)
  } catch (error) {
    if (!hasNoSearch(error)) throw error
    throw new DistributionError('ERR_REGISTRY_SEARCH', `cannot search ${target.registry}: it offers neither a search nor a list`, {
      cause: error,
      hint: 'If you know the name of a repository, its tags can be listed: podwright search --list-tags NAME',
      details: { registry: target.registry },
    })
  }
}

async function searchIndex(
  session: Session,
  { registry, tlsVerify }: Omit<Repository, 'repository'>,
  word: string,
  { limit, signal }: SearchRequest,
): Promise<readonly FoundRepository[]> {
  const operation = `search ${registry} for "${word}"`
  const path = `/v1/search?${new URLSearchParams({ q: word, n: String(Math.min(limit, pageMaximum)) })}`
  const host = searchHosts[registry]
  const { answer, bytes } = await performAndRead(
    session,
    {
      operation,
      method: 'GET',
      path: host === undefined ? path : new URL(path, `https://${host}/`),
      target: { registry, tlsVerify },
      expected: [200],
      signal,
    },
    answerMaximumBytes,
  )
  const document = readJson(searchDocument(), bytes)
  if (document === undefined) throw protocolError(answer, operation, 'the answer has no list of results')
  return document.results.slice(0, limit).map(({ name, description, star_count, is_official, is_automated }) => ({
    name,
    description: description ?? '',
    stars: star_count,
    official: is_official,
    automated: is_automated,
  }))
}

async function searchCatalogue(
  session: Session,
  target: Omit<Repository, 'repository'>,
  word: string,
  { limit, signal }: SearchRequest,
): Promise<readonly FoundRepository[]> {
  const found: FoundRepository[] = []
  for await (const name of listRepositories(session, target, { signal })) {
    if (name.includes(word)) found.push({ name, description: '', stars: 0, official: false, automated: false })
    if (found.length >= limit) break
  }
  return found
}

/** What a registry says that doesn't know the question. */
function hasNoSearch(error: unknown): boolean {
  const codes = ['ERR_REGISTRY_NOT_FOUND', 'ERR_REGISTRY_REJECTED', 'ERR_REGISTRY_PROTOCOL', 'ERR_REGISTRY_DENIED']
  return isPodwrightError(error) && codes.includes(error.code)
}

function searchDocument() {
  const result = z.object({
    name: z.string(),
    description: orElse(z.nullable(z.string()), ''),
    star_count: orElse(z.number(), 0),
    is_official: orElse(z.boolean(), false),
    is_automated: orElse(z.boolean(), false),
  })
  return z.object({ results: z.array(result) })
}
