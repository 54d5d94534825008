import { messageOf, systemCodeOf } from '@podwright/conventions'
import { readFileSync } from 'node:fs'
import type { AuthFilePlace } from './auth-file-places.ts'
import type { AuthFile } from './find-in-auth-file.ts'
import { invalidAuthFile } from './invalid-auth-file.ts'

/** Reads those of some auth.json and config.json files that are there, in order. @throws DistributionError `ERR_CREDENTIALS_INVALID` */
export async function readAuthFiles(places: readonly AuthFilePlace[]): Promise<AuthFile[]> {
  const files: AuthFile[] = []
  for (const place of places) {
    const text = readText(place)
    // Most people have none, and what reads one takes longer to load than to ask a registry.
    if (text !== undefined) files.push((await import('./read-auth-file.ts')).parseAuthFile(place.path, text))
  }
  return files
}

/** Undefined when it isn't there and need not be. */
function readText({ path, required }: AuthFilePlace): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = systemCodeOf(error)
    if (!required && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES')) return undefined
    throw invalidAuthFile(path, messageOf(error), error)
  }
}
