import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { type Descriptor, type Digest, parseImageIndex } from '@podwright/oci'
import * as z from 'zod/mini'
import type { ReferrersOptions, Repository } from '../../registry-client.ts'
import type { Answer } from '../http/exchange.ts'
import { readJson } from '../read-json.ts'
import { referrersByTag } from './referrers-tag.ts'
import { performAndRead, protocolError, type Session, subjectOf } from './session.ts'

const pageMaximumBytes = 4 * 1024 * 1024
/** Small enough for registries that refuse large pages, large enough to need few. */
const pageEntries = 1000

export async function* listTags(session: Session, repository: Repository, { signal }: AbortOptions): AsyncGenerator<string> {
  const operation = `list the tags of ${subjectOf(repository)}`
  const path = `/v2/${repository.repository}/tags/list?n=${pageEntries}`
  for await (const page of pages(session, { operation, path, target: repository, signal })) yield* strings(page, 'tags')
}

export async function* listRepositories(
  session: Session,
  registry: Omit<Repository, 'repository'>,
  { signal }: AbortOptions,
): AsyncGenerator<string> {
  const operation = `list the repositories of ${registry.registry}`
  const target = { registry: registry.registry, tlsVerify: registry.tlsVerify }
  const first = { operation, path: `/v2/_catalog?n=${pageEntries}`, target, scopes: ['registry:catalog:*'], signal }
  for await (const page of pages(session, first)) yield* strings(page, 'repositories')
}

export async function* referrers(
  session: Session,
  repository: Repository,
  digest: Digest,
  { artifactType, signal }: ReferrersOptions,
): AsyncGenerator<Descriptor> {
  const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`
  const first = {
    operation: `list what refers to ${subjectOf(repository, digest)}`,
    path: `/v2/${repository.repository}/referrers/${digest}${query}`,
    target: repository,
    signal,
  }
  const wanted = (descriptor: Descriptor): boolean => artifactType === undefined || descriptor.artifactType === artifactType
  try {
    for await (const { bytes } of pages(session, first)) yield* parseImageIndex(bytes).manifests.filter(wanted)
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_REGISTRY_NOT_FOUND')) throw error
    yield* (await referrersByTag(session, repository, digest, { signal })).filter(wanted)
  }
}

interface PageRequest {
  readonly operation: string
  readonly path: string
  readonly target: Pick<Repository, 'registry' | 'tlsVerify' | 'knownAs'> & { readonly repository?: string }
  readonly scopes?: readonly string[]
  readonly signal: AbortSignal | undefined
}

interface Page {
  readonly bytes: Uint8Array
  readonly answer: Answer
  readonly operation: string
}

/** Goes from page to page by the Link header (distribution-spec v1.1, "Listing Tags"). */
async function* pages(session: Session, request: PageRequest): AsyncGenerator<Page> {
  const seen = new Set<string>()
  let path: string | undefined = request.path
  while (path !== undefined && !seen.has(path)) {
    seen.add(path)
    const page: Omit<Page, 'operation'> = await performAndRead(
      session,
      { ...request, path, method: 'GET', expected: [200] },
      pageMaximumBytes,
    )
    yield { ...page, operation: request.operation }
    path = nextPage(page.answer)
  }
}

/** The path of `<URL>; rel="next"`; only ever at the same registry. */
function nextPage(answer: Answer): string | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*rel="?next"?/i.exec(answer.header('link') ?? '') ?? []
  const url = target === undefined ? null : URL.parse(target, answer.url.href)
  return url === null ? undefined : url.pathname + url.search
}

function strings({ bytes, answer, operation }: Page, key: string): string[] {
  // Go writes an empty list as null.
  const document = readJson(z.object({ [key]: z.nullable(z.array(z.string())) }), bytes)
  if (document === undefined) throw protocolError(answer, operation, `the answer has no list of ${key}`)
  return document[key] ?? []
}
