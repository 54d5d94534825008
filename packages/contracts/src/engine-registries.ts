import type { AbortOptions } from '@podwright/conventions'

/** Who to be at a registry. */
export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

/** A bearer token that is sent as it is. */
export interface RegistryToken {
  readonly registryToken: string
}

/** How to reach a registry. */
export interface RegistryOptions extends AbortOptions {
  /** Whether to insist on HTTPS with a trusted certificate. @default as registries.conf says, else true */
  readonly tlsVerify?: boolean | undefined
  /** `none`: nobody in particular, whatever auth.json has. @default what auth.json or docker's config.json has */
  readonly credentials?: RegistryCredentials | RegistryToken | 'none' | undefined
  /** File to read credentials from. */
  readonly authFile?: string | undefined
  /** Directory of `*.crt` (authorities), `*.cert` and `*.key` (who we are), in place of those for each registry. */
  readonly certificateDirectory?: string | undefined
  /** How often a request is tried again after 429, 5xx and broken connections. @default 4 */
  readonly retries?: number | undefined
  /** First pause between them; doubled each time. @default 500 */
  readonly backoffMs?: number | undefined
}

/** Options of `Registries.search`. */
export interface SearchOptions extends RegistryOptions {
  /** Most results of each registry. @default 25 */
  readonly limit?: number | undefined
}

/** A repository that a registry found. */
export interface SearchResult {
  /** Where it was asked for: host with port. */
  readonly registry: string
  /** Full name without tag: `docker.io/library/debian`. */
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: boolean
  readonly automated: boolean
}

/** Options of `Registries.login`. */
export interface LoginOptions extends AbortOptions {
  readonly username: string
  readonly password: string
  /** @default as registries.conf says, else true */
  readonly tlsVerify?: boolean | undefined
  /** Directory of `*.crt` (authorities), `*.cert` and `*.key` (who we are), in place of those for each registry. */
  readonly certificateDirectory?: string | undefined
  /** File to keep the credentials in. @default `$REGISTRY_AUTH_FILE`, else `$XDG_RUNTIME_DIR/containers/auth.json` or what stands for it */
  readonly authFile?: string | undefined
}

/** Where credentials are kept. */
export type LoginPlace = { readonly in: 'file'; readonly path: string } | { readonly in: 'helper'; readonly name: string }

/** What a login came to. */
export interface LoggedIn {
  /** What the credentials are kept for: `registry` or `registry/namespace`. */
  readonly key: string
  /** False: the registry lets anybody in, so that nobody can tell whether they are right. */
  readonly checked: boolean
  readonly kept: LoginPlace
}

/** Options of what reads and forgets logins. */
export interface LoginFileOptions extends AbortOptions {
  /** @default as `LoginOptions` */
  readonly authFile?: string | undefined
}

/** Registries, as somebody who uses them sees them. A registry is a host with port, `docker.io` for Docker Hub; a repository may be a short name. */
export interface Registries {
  /**
   * Tries credentials at a registry, and keeps them when they are right.
   *
   * @param registry `quay.io`, or `quay.io/team` for credentials of a part of it
   */
  login(registry: string, options: LoginOptions): Promise<LoggedIn>
  /** Forgets the credentials of a registry, of all when none is named. @returns from where; empty: nobody was logged in */
  logout(registry: string | undefined, options?: LoginFileOptions): Promise<readonly LoginPlace[]>
  /** The name that one is logged in by; undefined: one is not. */
  loggedInAs(registry: string, options?: LoginFileOptions): Promise<string | undefined>
  /**
   * Repositories that a word is found in. `registry/word` asks that registry, a word alone the unqualified-search registries, else docker.io.
   *
   * @throws `ERR_REGISTRY_SEARCH` when a registry can neither search nor list
   */
  search(term: string, options?: SearchOptions): Promise<readonly SearchResult[]>
  /** All tags of a repository, as the registry orders them. */
  tags(repository: string, options?: RegistryOptions): AsyncIterable<string>
}
