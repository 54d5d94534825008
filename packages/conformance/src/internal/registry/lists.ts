import { mediaTypes } from '@podwright/oci'
import { answer, refusal, type ScriptedAnswer, type ScriptedRequest } from './answer.ts'
import type { RegistryContent } from './content.ts'
import { subjectOf } from './manifests.ts'

export function answerToTags({ manifests }: RegistryContent, request: ScriptedRequest): ScriptedAnswer {
  const { name } = request
  const keys = [...manifests.keys()]
  if (!keys.some((key) => key.startsWith(`${name}:`) || key.startsWith(`${name}@`))) return refusal(404, 'NAME_UNKNOWN')
  const tags = keys.filter((key) => key.startsWith(`${name}:`)).map((key) => key.slice(name.length + 1))
  // Go writes an empty list as null.
  return page(request, tags, (items) => ({ name, tags: items.length === 0 ? null : items }))
}

export function answerToCatalogue({ manifests }: RegistryContent, request: ScriptedRequest): ScriptedAnswer {
  const names = new Set([...manifests.keys()].map((key) => key.replace(/[@:].*$/, '')))
  return page(request, [...names], (repositories) => ({ repositories }))
}

/** distribution-spec v1.1, "Listing Referrers". */
export function answerToReferrers({ manifests }: RegistryContent, { name, reference, url }: ScriptedRequest): ScriptedAnswer {
  const wanted = url.searchParams.get('artifactType')
  const referrers = [...manifests]
    .filter(([key, { bytes, descriptor }]) => key.startsWith(`${name}@`) && subjectOf(bytes, descriptor.mediaType) === reference)
    .map(([, { descriptor, bytes }]) => ({ ...descriptor, ...described(bytes) }))
    .filter(({ artifactType }) => wanted === null || artifactType === wanted)
  const body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: referrers })
  return answer(200, body, { 'content-type': mediaTypes.ociIndex, ...(wanted !== null && { 'oci-filters-applied': 'artifactType' }) })
}

function described(bytes: Uint8Array): { readonly artifactType?: string; readonly annotations?: Readonly<Record<string, string>> } {
  const { artifactType, annotations, config } = JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly artifactType?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly config?: { readonly mediaType: string }
  }
  const type = artifactType ?? config?.mediaType
  return { ...(type !== undefined && { artifactType: type }), ...(annotations !== undefined && { annotations }) }
}

/** distribution-spec v1.1, "Listing Tags": `n` at a time, after `last`. */
function page({ url }: ScriptedRequest, all: readonly string[], document: (items: readonly string[]) => object): ScriptedAnswer {
  const last = url.searchParams.get('last')
  const count = Number(url.searchParams.get('n') ?? Infinity)
  const rest = all.toSorted().filter((item) => last === null || item > last)
  const items = rest.slice(0, count)
  const next = `${url.pathname}?${new URLSearchParams({ n: String(count), last: items.at(-1) ?? '' })}`
  return answer(200, JSON.stringify(document(items)), {
    'content-type': 'application/json',
    ...(items.length < rest.length && { link: `<${next}>; rel="next"` }),
  })
}
