import type { AbortOptions } from '@podwright/conventions'

/** What the engine keeps for containers and never shows by itself: a password, a key. */
export interface Secret {
  /** 25 hex digits. */
  readonly id: string
  readonly name: string
  /** `file`: in the engine's database, sealed with the key in a file. */
  readonly driver: 'file'
  readonly labels: Readonly<Record<string, string>>
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** How a secret is made. */
export interface CreateSecretOptions extends AbortOptions {
  /** Letters, digits, `_`, `.` and `-`, the first a letter or a digit, the last no `.` or `-`; 253 at most. */
  readonly name: string
  /** From 1 to 511,999 bytes. */
  readonly data: Uint8Array
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** One of that name gets another id and this content; containers that have the one before keep it. @default false */
  readonly replace?: boolean | undefined
}

/** The engine's secrets. `reference` is a name, an id, or an unambiguous prefix of one. */
export interface Secrets {
  /** @throws `ERR_SECRET_NAME_INVALID`, `ERR_SECRET_NAME_IN_USE`, `ERR_SECRET_SIZE`, `ERR_SECRET_KEY` */
  create(options: CreateSecretOptions): Promise<Secret>
  /** By name. */
  list(options?: AbortOptions): Promise<readonly Secret[]>
  /** @throws `ERR_SECRET_NOT_FOUND`, `ERR_SECRET_AMBIGUOUS` */
  inspect(reference: string, options?: AbortOptions): Promise<Secret>
  /** What is secret. @throws `ERR_SECRET_NOT_FOUND`, `ERR_SECRET_KEY` */
  reveal(reference: string, options?: AbortOptions): Promise<Uint8Array>
  /** Its id. Containers that have it keep it. @throws `ERR_SECRET_NOT_FOUND` */
  remove(reference: string, options?: AbortOptions): Promise<string>
}

/** A secret of a container. What it is at the container's creation, it is at each of its starts. */
export interface ContainerSecret {
  /** Name or id. */
  readonly secret: string
  /** A file in the container, or a variable of its first process. @default 'mount' */
  readonly type?: 'mount' | 'env' | undefined
  /** The file, in /run/secrets unless absolute; the variable's name. @default the secret's name */
  readonly target?: string | undefined
  /** Of the file, as seen inside. @default 0 */
  readonly uid?: number | undefined
  /** @default 0 */
  readonly gid?: number | undefined
  /** @default 0o444 */
  readonly mode?: number | undefined
}
