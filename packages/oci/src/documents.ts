import type { Digest } from './digest.ts'

/** What a platform-specific image runs on (image-spec, "Image Index", platform). Values are Go's GOOS and GOARCH. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string | undefined
  readonly 'os.version'?: string | undefined
  readonly 'os.features'?: readonly string[] | undefined
}

/** image-spec v1.1, "Content Descriptors". */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly urls?: readonly string[] | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Base64 of the content itself. */
  readonly data?: string | undefined
  readonly artifactType?: string | undefined
  readonly platform?: Platform | undefined
}

/** image-spec v1.1, "Image Manifest", and Docker's schema 2, which has the same shape. */
export interface ImageManifest {
  readonly schemaVersion: 2
  readonly mediaType?: string | undefined
  readonly artifactType?: string | undefined
  readonly config: Descriptor
  /** Lowest first. */
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** image-spec v1.1, "Image Index", and Docker's manifest list. */
export interface ImageIndex {
  readonly schemaVersion: 2
  readonly mediaType?: string | undefined
  readonly artifactType?: string | undefined
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Docker's extension of the config, kept in OCI images too. Durations are nanoseconds. */
export interface HealthcheckConfig {
  readonly Test?: readonly string[] | undefined
  readonly Interval?: number | undefined
  readonly Timeout?: number | undefined
  readonly StartPeriod?: number | undefined
  readonly StartInterval?: number | undefined
  readonly Retries?: number | undefined
}

/** How to run the image (image-spec v1.1, "Image Configuration", config). Absent and null mean the same; parsing drops nulls. */
export interface ImageRunConfig {
  readonly User?: string | undefined
  readonly ExposedPorts?: Readonly<Record<string, object>> | undefined
  readonly Env?: readonly string[] | undefined
  readonly Entrypoint?: readonly string[] | undefined
  readonly Cmd?: readonly string[] | undefined
  readonly Volumes?: Readonly<Record<string, object>> | undefined
  readonly WorkingDir?: string | undefined
  readonly Labels?: Readonly<Record<string, string>> | undefined
  readonly StopSignal?: string | undefined
  readonly Healthcheck?: HealthcheckConfig | undefined
  readonly Shell?: readonly string[] | undefined
  readonly OnBuild?: readonly string[] | undefined
  readonly ArgsEscaped?: boolean | undefined
}

/** One step that made the image. */
export interface HistoryEntry {
  readonly created?: string | undefined
  readonly author?: string | undefined
  readonly created_by?: string | undefined
  readonly comment?: string | undefined
  readonly empty_layer?: boolean | undefined
}

/** image-spec v1.1, "Image Configuration". */
export interface ImageConfig extends Platform {
  /** RFC 3339. */
  readonly created?: string | undefined
  readonly author?: string | undefined
  readonly config?: ImageRunConfig | undefined
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] }
  readonly history?: readonly HistoryEntry[] | undefined
}
