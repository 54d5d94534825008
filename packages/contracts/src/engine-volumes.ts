import type { AbortOptions } from '@podwright/conventions'
import type { SnapshotUsage } from './storage-driver.ts'
import type { CreateVolumeOptions, Volume } from './volume.ts'

/** Options of `Volumes.prune`. */
export interface PruneVolumesOptions extends AbortOptions {
  /** Which of those that nothing uses go. @default anonymous ones */
  readonly filter?: ((volume: Volume) => boolean) | undefined
  /** Only say what would go. @default false */
  readonly dryRun?: boolean | undefined
}

/** What a prune removed, or would. */
export interface PrunedVolumes {
  readonly volumes: readonly (SnapshotUsage & { readonly name: string })[]
  readonly freedBytes: number
}

/** The engine's volumes. `reference` is a name, or an unambiguous beginning of an anonymous volume's. */
export interface Volumes {
  /** @throws `ERR_VOLUME_EXISTS`, `ERR_VOLUME_NAME`, `ERR_VOLUME_OPTION`, `ERR_VOLUME_DRIVER_UNKNOWN` */
  create(options?: CreateVolumeOptions): Promise<Volume>
  /** By name. */
  list(options?: AbortOptions): Promise<readonly Volume[]>
  /** @throws `ERR_VOLUME_NOT_FOUND` */
  inspect(reference: string, options?: AbortOptions): Promise<Volume>
  /** What its content takes on disk. */
  usage(reference: string, options?: AbortOptions): Promise<SnapshotUsage>
  /**
   * Deletes a volume with its content; its name.
   *
   * @throws `ERR_VOLUME_IN_USE` while a container uses it, running or not; with `force` those containers are removed first
   */
  remove(
    reference: string,
    options?: AbortOptions & { readonly force?: boolean | undefined; readonly timeoutSeconds?: number | undefined },
  ): Promise<string>
  /** Removes volumes that no container uses. */
  prune(options?: PruneVolumesOptions): Promise<PrunedVolumes>
  /** Its content as an uncompressed tar. */
  export(reference: string, options?: AbortOptions): AsyncIterable<Uint8Array>
  /** Puts what a tar (plain, gzip or zstd) has beside what is there; files of the same name are replaced. */
  import(reference: string, tar: AsyncIterable<Uint8Array>, options?: AbortOptions): Promise<void>
  /** A new volume with another's content and options. */
  clone(reference: string, newName: string, options?: AbortOptions & Pick<CreateVolumeOptions, 'labels'>): Promise<Volume>
  /** @throws `ERR_VOLUME_IN_USE` while a container uses it */
  rename(reference: string, newName: string, options?: AbortOptions): Promise<Volume>
  /** Has its content where the answer says, until `unmount`. Rootless, what had to be mounted is seen inside the namespace (`system.unshare`). */
  mount(reference: string, options?: AbortOptions): Promise<string>
  /** Undoes `mount`; its name. `false`: it wasn't mounted that way. */
  unmount(reference: string, options?: AbortOptions): Promise<boolean>
}
