import { messageOf, systemCodeOf } from '@podwright/conventions'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { createDevices, type CdiDevices, type CdiProblem, type FoundDevice } from './devices.ts'
import { readSpec } from './parse-spec.ts'

/** Where vendors put their specs; the second, which does not outlive a reboot, comes first in a conflict (SPEC.md, README.md). */
export const defaultSpecDirectories: readonly string[] = ['/etc/cdi', '/var/run/cdi']

/** Options of `loadDevices`. */
export interface LoadOptions {
  /** A device of a later one takes the place of one of the same name. @default defaultSpecDirectories */
  readonly directories?: readonly string[] | undefined
}

/**
 * Reads the specs of all directories: their files `*.json` and `*.yaml`, not those below. What cannot be read is among `problems`, and is in nobody's way;
 * a directory that is not there has no devices.
 */
export async function loadDevices({ directories = defaultSpecDirectories }: LoadOptions = {}): Promise<CdiDevices> {
  const absolute = [...new Set(directories.map((directory) => resolve(directory)))]
  const problems: CdiProblem[] = []
  const devices = new Map<string, FoundDevice>()
  for (const directory of absolute) {
    const found = await readDirectory(directory, problems)
    for (const [name, twins] of found) {
      const [first, second] = twins
      if (first === undefined) continue
      if (second === undefined) devices.set(name, first)
      else {
        devices.delete(name)
        for (const { file } of twins) problems.push({ path: file, message: `${name} is also in ${others(twins, file)}`, device: name })
      }
    }
  }
  return createDevices({ directories: absolute, problems, devices })
}

async function readDirectory(directory: string, problems: CdiProblem[]): Promise<Map<string, FoundDevice[]>> {
  const found = new Map<string, FoundDevice[]>()
  for (const file of filesOf(directory, problems)) {
    try {
      // A FIFO would keep us waiting.
      if (!statSync(file).isFile()) throw new Error('it is no file')
      const spec = await readSpec(readFileSync(file), extname(file) === '.json' ? 'json' : 'yaml')
      for (const device of spec.devices) {
        const name = `${spec.kind}=${device.name}`
        found.set(name, [...(found.get(name) ?? []), { name, file, device, spec }])
      }
    } catch (error) {
      problems.push({ path: file, message: messageOf(error) })
    }
  }
  return found
}

function filesOf(directory: string, problems: CdiProblem[]): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true }).filter(
      (entry) => !entry.isDirectory() && /\.(json|yaml)$/.test(entry.name),
    )
    return entries.map(({ name }) => join(directory, name)).toSorted()
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') problems.push({ path: directory, message: messageOf(error) })
    return []
  }
}

function others(twins: readonly FoundDevice[], file: string): string {
  return twins.flatMap((twin) => (twin.file === file ? [] : [twin.file])).join(' and ')
}
