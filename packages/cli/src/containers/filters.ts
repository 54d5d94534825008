import type { ContainerSummary } from '@podwright/contracts'
import { familiarName, normalizeReference } from '@podwright/oci'
import { type FilterTests, hasLabels, parseFilters } from '../command-line/filters.ts'
import { CliError } from '../errors.ts'
import { singlePorts } from './ports/port-texts.ts'
import { shownStatus } from '../render/container-status.ts'

const statuses = ['created', 'initialized', 'running', 'paused', 'restarting', 'stopping', 'exited', 'removing']

/**
 * The test that `ps --filter` asks for. `all` are the containers that `before` and `since` refer to.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function containerFilter(texts: readonly string[], all: readonly ContainerSummary[]): (container: ContainerSummary) => boolean {
  return parseFilters(texts, containerTests(all))
}

/** Whether filters ask for containers that don't run, which `ps` lists with `--all` only. */
export function impliesAll(texts: readonly string[]): boolean {
  return texts.some((text) => /^(status|exited)=/i.test(text))
}

function containerTests(all: readonly ContainerSummary[]): FilterTests<ContainerSummary> {
  const createdAt = (reference: string): number => referred(all, reference).createdAt.getTime()
  return {
    id: (values) => (item) => values.some((value) => item.id.startsWith(value)),
    name: (values) => {
      const patterns = values.map(namePattern)
      return (item) => patterns.some((pattern) => pattern.test(item.name))
    },
    label: (values) => (item) => hasLabels(item.labels, values),
    status: (values) => {
      const wanted = values.map(checkStatus)
      return (item) => wanted.includes(shownStatus(item.state))
    },
    'restart-policy': (values) => {
      const wanted = values.map((value) => checkWord('restart policy', value, ['no', 'on-failure', 'always', 'unless-stopped']))
      return (item) => wanted.includes(item.restart?.name ?? 'no')
    },
    health: (values) => {
      const wanted = values.map((value) => checkWord('health', value, ['starting', 'healthy', 'unhealthy', 'none']))
      return (item) => wanted.includes(item.state.health?.status ?? 'none')
    },
    exited: (values) => {
      const codes = values.map(checkExitCode)
      return (item) => item.state.status === 'exited' && codes.includes(item.state.exitCode ?? Number.NaN)
    },
    ancestor: (values) => (item) => values.some((value) => isOn(item, value)),
    volume: (values) => (item) =>
      item.mounts.some(({ source, target }) => values.includes(target) || (source !== undefined && values.includes(source))),
    network: (values) => (item) => values.map((value) => (value === 'bridge' ? 'private' : value)).includes(item.network),
    publish: (values) => {
      const wanted = new Set(values.map((value) => (value.includes('/') ? value.toLowerCase() : `${value}/tcp`)))
      return (item) => singlePorts(item.ports).some(({ container }) => wanted.has(container))
    },
    before: (values) => {
      const moments = values.map(createdAt)
      return (item) => moments.some((moment) => item.createdAt.getTime() < moment)
    },
    since: (values) => {
      const moments = values.map(createdAt)
      return (item) => moments.some((moment) => item.createdAt.getTime() > moment)
    },
  }
}

/** A regular expression, as in docker and podman; a text that is none is looked for as it is. */
function namePattern(text: string): RegExp {
  const source = text.startsWith('/') ? text.slice(1) : text
  try {
    return new RegExp(source)
  } catch {
    return new RegExp(source.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  }
}

/** By the image's name as typed anywhere else (`debian` is `docker.io/library/debian:latest`), or by its id. */
function isOn(item: ContainerSummary, image: string): boolean {
  const hex = item.imageId.slice(item.imageId.indexOf(':') + 1)
  if (item.imageName === image || item.imageId === image || (/^[0-9a-f]{4,64}$/.test(image) && hex.startsWith(image))) return true
  try {
    return familiarName(normalizeReference(image)) === familiarName(normalizeReference(item.imageName))
  } catch {
    return false
  }
}

function checkStatus(text: string): string {
  return checkWord('status', text, statuses)
}

function checkWord(subject: string, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid ${subject} "${text}" in --filter: it is one of ${known.join(', ')}`)
}

function checkExitCode(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid exit code "${text}" in --filter`)
}

function referred(all: readonly ContainerSummary[], reference: string): ContainerSummary {
  const found = all.find(({ name, id }) => name === reference || id === reference) ?? all.find(({ id }) => id.startsWith(reference))
  if (found === undefined || reference === '') {
    throw new CliError('ERR_CLI_FLAG_VALUE', `cannot filter by container "${reference}": there is none of that name or id`)
  }
  return found
}
