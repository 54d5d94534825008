import { parseDeviceName } from './device-name.ts'
import { CdiError } from './errors.ts'
import { mergeEdits } from './merge-edits.ts'
import type { CdiDevice, CdiSpec, ContainerEdits } from './spec.ts'

/** A device, and where it was found. */
export interface FoundDevice {
  /** In full. */
  readonly name: string
  readonly file: string
  readonly device: CdiDevice
  readonly spec: CdiSpec
}

/** What is wrong with a file or a directory. */
export interface CdiProblem {
  readonly path: string
  readonly message: string
  /** The full name of the device that no container can have because of it; undefined: all of the file. */
  readonly device?: string
}

/** The devices of some directories. */
export interface CdiDevices {
  readonly directories: readonly string[]
  /** In the order of their names. */
  readonly found: readonly FoundDevice[]
  readonly problems: readonly CdiProblem[]
  /**
   * What a container with these devices gets, by their full names: the edits of each spec once, before those of its devices.
   *
   * @throws CdiError `ERR_CDI_NAME_INVALID`, `ERR_CDI_DEVICE_NOT_FOUND`, and `ERR_CDI_SPEC_INVALID` for devices that exclude each other
   */
  resolve(names: readonly string[]): ContainerEdits
}

/** @internal */
export interface DevicesInput {
  readonly directories: readonly string[]
  readonly problems: readonly CdiProblem[]
  readonly devices: ReadonlyMap<string, FoundDevice>
}

/** @internal */
export function createDevices({ directories, problems, devices }: DevicesInput): CdiDevices {
  return {
    directories,
    problems,
    found: [...devices.values()].toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    resolve(names) {
      for (const name of names) parseDeviceName(name)
      const missing = names.filter((name) => !devices.has(name))
      if (missing.length > 0) throw notFound(missing, { directories, problems, devices })
      const specs = new Set<CdiSpec>()
      const edits = [...new Set(names)].flatMap((name) => {
        const { device, spec } = devices.get(name)!
        const isFirst = !specs.has(spec)
        specs.add(spec)
        return isFirst && spec.containerEdits !== undefined ? [spec.containerEdits, device.containerEdits] : [device.containerEdits]
      })
      return mergeEdits(edits)
    },
  }
}

function notFound(missing: readonly string[], { directories, problems, devices }: DevicesInput): CdiError {
  const told = missing.map((name) => problems.find(({ device }) => device === name)).find((problem) => problem !== undefined)
  const broken = problems.filter(({ device }) => device === undefined)
  const kinds = new Set(missing.map((name) => name.slice(0, name.indexOf('='))))
  const known = [...devices.keys()].filter((name) => kinds.has(name.slice(0, name.indexOf('=')))).slice(0, 10)
  const hints = [
    ...(known.length > 0 ? [`There are: ${known.join(', ')}.`] : []),
    ...broken.slice(0, 3).map(({ path, message }) => `${path} is left out: ${message}.`),
  ]
  const reason = told === undefined ? `no spec in ${directories.join(', ')} has it` : `two specs have it: ${told.path}: ${told.message}`
  return new CdiError('ERR_CDI_DEVICE_NOT_FOUND', `cannot find the device ${missing.join(', ')}: ${reason}`, {
    details: { names: missing, directories },
    ...(hints.length > 0 && { hint: hints.join(' ') }),
  })
}
