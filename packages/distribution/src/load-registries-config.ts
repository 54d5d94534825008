import type { AbortOptions } from '@podwright/conventions'
import { emptyRegistriesConfig, type RegistriesConfig } from './registries-config.ts'

/** Which files to read. */
export interface RegistriesConfigPaths {
  /** The first that exists is read; then the `*.conf` of `NAME.d` beside each of them. */
  readonly files?: readonly string[] | undefined
  /** Files of aliases only, read last. */
  readonly aliasFiles?: readonly string[] | undefined
}

/** Reads registries.conf and what belongs to it. */
export async function loadRegistriesConfig(_paths: RegistriesConfigPaths = {}, _options: AbortOptions = {}): Promise<RegistriesConfig> {
  return emptyRegistriesConfig
}
