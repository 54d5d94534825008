import { loadDevices } from '@podwright/cdi'
import type { DescribedDevices } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import { specDirectories } from './spec-directories.ts'

/** The devices that vendors have described, and what of it cannot be read. */
export async function listDevices(parts: EngineParts): Promise<DescribedDevices> {
  const { directories, found, problems } = await loadDevices({ directories: specDirectories(parts) })
  return {
    directories,
    devices: found.map(({ name, file }) => ({ name, file })),
    problems: problems.map(({ path, message }) => ({ path, message })),
  }
}
