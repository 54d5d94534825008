import type { EngineParts } from '../parts.ts'

/** Where a container's open secrets are, and its config with those that are variables. */
export function secretsDirectory({ paths }: Pick<EngineParts, 'paths'>, id: string): string {
  return `${paths.runRoot}/secrets/${id}`
}
