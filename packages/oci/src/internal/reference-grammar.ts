import { OciError } from '../errors.ts'

/** The parts of a reference, cut but not checked. */
export interface ReferenceParts {
  readonly registry: string | undefined
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** `RepositoryNameTotalLengthMax` of docker's reference grammar. */
const repositoryMaximumCharacters = 255
/** distribution-spec v1.1, "Pulling manifests": a tag is at most 128 characters. */
const tagMaximumCharacters = 128
/** Longer than the longest valid one: host 253, port 6, repository 255, tag 129, sha512 digest 136. */
const referenceMaximumCharacters = 1024

const hostLabel = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const registryGrammar = new RegExp(String.raw`^(?:${hostLabel}(?:\.${hostLabel})*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?$`)
const pathComponentGrammar = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/
const tagGrammar = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
const imageIdGrammar = /^[0-9a-f]{64}$/
const uppercase = /[A-Z]/

/** Cuts a typed reference at `@`, at the colon of the tag and after the registry. */
export function splitReference(text: string): ReferenceParts {
  if (text === '') throw invalid(text, 'it is empty')
  if (text.length > referenceMaximumCharacters) throw invalid(text, `it has more than ${referenceMaximumCharacters} characters`)
  if (text.includes('://')) throw invalid(text, 'it has a scheme', `Leave "${text.slice(0, text.indexOf('://') + 3)}" away.`)
  const at = text.indexOf('@')
  const digest = at === -1 ? undefined : text.slice(at + 1)
  const nameAndTag = at === -1 ? text : text.slice(0, at)
  const slash = nameAndTag.indexOf('/')
  const first = nameAndTag.slice(0, Math.max(slash, 0))
  const registry = isRegistry(first) ? first : undefined
  const rest = registry === undefined ? nameAndTag : nameAndTag.slice(slash + 1)
  const colon = rest.lastIndexOf(':')
  const hasTag = colon > rest.lastIndexOf('/')
  return {
    registry,
    repository: hasTag ? rest.slice(0, colon) : rest,
    tag: hasTag ? rest.slice(colon + 1) : undefined,
    digest,
  }
}

function isRegistry(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first) || uppercase.test(first)
}

export function checkRegistry(registry: string, text: string): void {
  const port = /:(\d+)$/.exec(registry)?.[1]
  if (!registryGrammar.test(registry)) throw invalid(text, `"${registry}" is not a host name with or without a port`)
  if (port !== undefined && Number(port) > 65_535) throw invalid(text, `port ${port} is more than 65535`)
}

export function checkRepository(repository: string, text: string): void {
  if (repository === '') throw invalid(text, 'the name of the repository is empty')
  if (imageIdGrammar.test(repository)) throw invalid(text, 'a name of 64 hexadecimal digits would be taken for an image id')
  if (repository.length > repositoryMaximumCharacters) {
    throw invalid(text, `the name of the repository has more than ${repositoryMaximumCharacters} characters`)
  }
  if (uppercase.test(repository)) {
    throw invalid(
      text,
      'the name of a repository must be in lower case',
      `Did you mean "${text.replace(repository, repository.toLowerCase())}"?`,
    )
  }
  const bad = repository.split('/').find((component) => !pathComponentGrammar.test(component))
  if (bad === undefined) return
  throw invalid(
    text,
    bad === '' ? 'the name of the repository has an empty part' : `"${bad}" is not a valid part of a repository's name`,
    'Use a-z and 0-9, with one ".", "_", "__" or any "-" between them.',
  )
}

export function checkTag(tag: string, text: string): void {
  if (tag === '') throw invalid(text, 'the tag is empty')
  if (tag.length > tagMaximumCharacters) throw invalid(text, `the tag has more than ${tagMaximumCharacters} characters`)
  if (!tagGrammar.test(tag)) {
    throw invalid(text, `"${tag}" is not a valid tag`, 'Use letters, digits, "_", "." and "-"; the first is a letter, digit or "_".')
  }
}

function invalid(text: string, reason: string, hint?: string): OciError {
  const shown = text.length > 160 ? `${text.slice(0, 160)}…` : text
  return new OciError('ERR_REFERENCE_INVALID', `cannot read "${shown}" as an image reference: ${reason}`, {
    ...(hint !== undefined && { hint }),
    details: { reference: shown },
  })
}
