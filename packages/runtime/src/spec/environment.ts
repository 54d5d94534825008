import type { ImageRunConfig } from '@podwright/oci'

/** What a container's variables are made of. */
export interface EnvironmentInput {
  readonly image?: ImageRunConfig | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly unset?: readonly string[] | 'all' | undefined
  readonly terminal: boolean
  readonly home: string
  readonly hostname: string
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** `NAME=value` words; the caller's win over the image's, the image's over the defaults. Those that are unset are left out, unless the caller sets them. */
export function containerEnvironment(input: EnvironmentInput): readonly string[] {
  const variables = new Map<string, string>([['PATH', defaultPath]])
  if (input.terminal) variables.set('TERM', 'xterm')
  variables.set('container', 'podwright')
  variables.set('HOME', input.home)
  variables.set('HOSTNAME', input.hostname)
  for (const word of input.image?.Env ?? []) setWord(variables, word)
  if (input.unset === 'all') variables.clear()
  else for (const name of input.unset ?? []) variables.delete(name)
  // Programs, and those who look for a home, rely on these two; podman keeps them, too.
  if (input.unset !== undefined) {
    if (!variables.has('HOME')) variables.set('HOME', input.home)
    if (!variables.has('HOSTNAME')) variables.set('HOSTNAME', input.hostname)
  }
  for (const [name, value] of Object.entries(input.environment ?? {})) variables.set(name, value)
  return words(variables)
}

/** `base`, with the given variables added or replaced. */
export function extendEnvironment(base: readonly string[], added: Readonly<Record<string, string>>): readonly string[] {
  const variables = new Map<string, string>()
  for (const word of base) setWord(variables, word)
  for (const [name, value] of Object.entries(added)) variables.set(name, value)
  return words(variables)
}

function setWord(variables: Map<string, string>, word: string): void {
  const equals = word.indexOf('=')
  if (equals > 0) variables.set(word.slice(0, equals), word.slice(equals + 1))
}

function words(variables: ReadonlyMap<string, string>): readonly string[] {
  return [...variables].map(([name, value]) => `${name}=${value}`)
}
