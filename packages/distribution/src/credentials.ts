import type { AbortOptions } from '@podwright/conventions'

/** Who to be at a registry. Nothing prints them. */
export type Credentials =
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  /** A refresh token of an OAuth 2 server; `username` is what docker's config.json keeps beside it. */
  | { readonly type: 'identity'; readonly username?: string | undefined; readonly identityToken: string }
  /** A bearer token to send as it is. */
  | { readonly type: 'bearer'; readonly registryToken: string }

/** Where credentials come from. */
export interface CredentialSource {
  /**
   * The credentials for a repository, or for the registry as a whole.
   *
   * @param registry host with port, `docker.io` for Docker Hub
   * @returns undefined: nobody in particular
   */
  find(registry: string, repository?: string, options?: AbortOptions): Promise<Credentials | undefined>
}

/** The same credentials for one registry, whatever the repository; none elsewhere. */
export function fixedCredentials(registry: string, credentials: Credentials): CredentialSource {
  return { find: async (asked) => (asked === registry ? credentials : undefined) }
}
