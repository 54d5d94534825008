import type { AuthFilePlace } from './auth-file-places.ts'
import type { AuthFile } from './find-in-auth-file.ts'
import { readAuthFile } from './read-auth-file.ts'

/** Reads those of some files that are there, in order. @throws DistributionError `ERR_CREDENTIALS_INVALID` */
export async function readAuthFiles(places: readonly AuthFilePlace[]): Promise<AuthFile[]> {
  const files = await Promise.all(places.map(readAuthFile))
  return files.filter((file) => file !== undefined)
}
