import type { ContainerSummary, Engine, StoredImage } from '@podwright/contracts'
import { type Candidate, type Completion, nothing } from './candidates.ts'

/** Finds the names of what there is. */
export interface NameSource {
  /**
   * @param kind as in usages: CONTAINER, IMAGE, SECRET, VOLUME, …
   * @param typed the beginning of the name that is looked for
   * @param command decides which containers come into question
   */
  find(kind: string, typed: string, command?: string): Promise<Completion>
}

/** What `createNameSource` needs. */
export interface NameComponents {
  engine(): Promise<Engine>
  /** Registries that somebody is logged in to. */
  registries(): readonly string[]
}

type Status = ContainerSummary['state']['status']

const live: readonly Status[] = ['running', 'paused']

/** The containers that a command can do something about, where it can't about all. */
const statusesOf: Readonly<Record<string, readonly Status[]>> = {
  attach: live,
  exec: live,
  init: ['created', 'exited'],
  kill: live,
  pause: ['running'],
  start: ['created', 'exited', 'initialized'],
  stats: live,
  stop: [...live, 'initialized'],
  top: live,
  unpause: ['paused'],
  run: live,
  wait: live,
}

/** The names that an engine knows. */
export function createNameSource({ engine, registries }: NameComponents): NameSource {
  const containers = async (typed: string, command = ''): Promise<Completion> => {
    const listed = await (await engine()).containers.list({ all: true })
    const wanted = statusesOf[command.split(' ').at(-1) ?? '']
    return { candidates: listed.filter(({ state }) => wanted?.includes(state.status) ?? true).flatMap((one) => containerNames(one, typed)) }
  }
  const images = async (typed: string): Promise<Completion> => {
    const listed = await (await engine()).images.list()
    return { candidates: listed.flatMap((image) => imageNames(image, typed)) }
  }
  const finders: Readonly<Record<string, (typed: string, command?: string) => Promise<Completion>>> = {
    ANYTHING: async (typed) => {
      const found = [await containers(typed), await images(typed), await volumes(engine)]
      return { candidates: found.flatMap(({ candidates }) => candidates) }
    },
    ARTIFACT: async () => named((await (await engine()).artifacts.list()).flatMap(({ names }) => names)),
    CONTAINER: containers,
    DEVICE: async (typed) => ({ ...(await devices(engine, typed)), paths: 'files' }),
    GPUS: async (typed) => gpus(await devices(engine, typed)),
    IMAGE: images,
    LIST: async () => named((await (await engine()).manifests.list()).flatMap(({ names }) => names)),
    REGISTRY: async () => named(registries()),
    REPOSITORY: images,
    SECRET: async () => named((await (await engine()).secrets.list()).map(({ name }) => name)),
    SOURCE: images,
    VOLUME: () => volumes(engine),
  }
  return { find: async (kind, typed, command) => (Object.hasOwn(finders, kind) ? finders[kind]?.(typed, command) : undefined) ?? nothing }
}

async function volumes(engine: () => Promise<Engine>): Promise<Completion> {
  return {
    candidates: (await (await engine()).volumes.list()).map(({ name, driver }) => ({ value: name, description: `volume, ${driver}` })),
  }
}

async function devices(engine: () => Promise<Engine>, typed: string): Promise<Completion> {
  // A path is none of them.
  if (typed.startsWith('/')) return nothing
  const found = (await (await engine()).system.devices()).devices
  return { candidates: found.map(({ name, file }) => ({ value: name, description: file })) }
}

/** What `--gpus` takes of it. */
function gpus({ candidates }: Completion): Completion {
  const ids = candidates.flatMap(({ value }) => (/\/gpu=/.test(value) ? [value.slice(value.indexOf('=') + 1)] : []))
  return named([...new Set(['all', ...ids.filter((id) => id !== 'all').map((id) => `device=${id}`)])])
}

function named(names: readonly string[]): Completion {
  return { candidates: names.map((value) => ({ value })) }
}

/** By name; by id once somebody has begun to type one. */
function containerNames({ id, name, imageName, state }: ContainerSummary, typed: string): readonly Candidate[] {
  const description = `${state.status}, ${imageName}`
  const byId = typed.length > 1 && id.startsWith(typed) ? [{ value: id.slice(0, Math.max(12, typed.length)), description }] : []
  return [{ value: name, description }, ...byId]
}

/** As one would type it: `debian:12`; in full once somebody has begun to type that. */
function imageNames({ id, names }: StoredImage, typed: string): readonly Candidate[] {
  const hex = id.slice(id.indexOf(':') + 1)
  const byId = typed.length > 1 && hex.startsWith(typed) ? [{ value: hex.slice(0, Math.max(12, typed.length)) }] : []
  const full = names.filter((name) => typed !== '' && name.startsWith(typed))
  const short = names.map((name) => name.replace(/^docker\.io\/(library\/)?/, ''))
  return [...[...new Set([...short, ...full])].map((value) => ({ value, description: `image ${hex.slice(0, 12)}` })), ...byId]
}
