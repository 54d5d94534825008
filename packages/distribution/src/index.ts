/**
 * Image distribution: resolve, pull, push and copy between registries, layouts, archives and whatever a plugin adds. Nothing native; nothing happens at import.
 *
 * @packageDocumentation
 */
export {
  type Artifact,
  type ArtifactBlob,
  extractArtifact,
  type ExtractArtifactOptions,
  type ExtractedFile,
  readArtifact,
} from './artifact.ts'
export { type ArtifactFile, type ArtifactSourceOptions, createArtifactSource } from './artifact-source.ts'
export { type ArchiveDestinationOptions, openArchiveDestination } from './archive-destination.ts'
export { openArchiveSource } from './archive-source.ts'
export { type BuiltInTransportsOptions, createBuiltInTransports } from './built-in-transports.ts'
export { certificateDirectories, type CertificateDirectoriesOptions } from './certificate-directories.ts'
export { type CopiedImage, copyImage, type CopyOptions, type CopyProgress, type CopyResult, type PlatformMismatch } from './copy-image.ts'
export {
  createCredentialStore,
  type CredentialStoreComponents,
  type CredentialStoreOptions,
  type RunCredentialHelper,
} from './credential-store.ts'
export { type Credentials, type CredentialSource, fixedCredentials } from './credentials.ts'
export { deleteImage, type DeletedImage, type DeleteImageOptions } from './delete-image.ts'
export { createDirectoryDestination } from './directory-destination.ts'
export { createDirectorySource } from './directory-source.ts'
export { DistributionError, type DistributionErrorCode, distributionErrorCodes } from './errors.ts'
export type { Fetch, FetchRequest, FetchResponse } from './fetch.ts'
export { httpFetch } from './http-fetch.ts'
export {
  type ArchivedImage,
  type ArchiveInput,
  type ArchiveInputOptions,
  type ImageArchive,
  type ImageArchiveFormat,
  openImageArchive,
  type OpenImageArchiveOptions,
} from './image-archive.ts'
export {
  type ArchiveOutput,
  type ImageArchiveWriter,
  type ImageArchiveWriterOptions,
  openImageArchiveWriter,
} from './image-archive-writer.ts'
export {
  type BuiltInImageName,
  type BuiltInTransportName,
  type DirectoryImageName,
  type DockerArchiveImageName,
  formatImageName,
  type LayoutImageChoice,
  type LayoutImageName,
  type OciArchiveImageName,
  parseImageName,
  type RegistryImageName,
} from './image-names.ts'
export { createTransports, type ImageTransports } from './image-transports.ts'
export { type InspectedImage, inspectImage, type InspectImageOptions, type InspectionRecord, inspectionRecord } from './inspect-image.ts'
export { type DeletedLayoutImage, deleteLayoutImage, listLayoutImages } from './layout-images.ts'
export { createLayoutDestination, type LayoutDestinationOptions } from './layout-destination.ts'
export { createLayoutSource, type LayoutSourceOptions } from './layout-source.ts'
export { type Endpoint, endpointsOf, type EndpointsOptions } from './endpoints.ts'
export {
  loadRegistriesConfig,
  type RegistriesConfigPaths,
  registriesConfigPaths,
  type RegistriesConfigPathsOptions,
} from './load-registries-config.ts'
export { login, type LoginComponents, type LoginOptions, type LoginResult } from './login.ts'
export { type KeptLogin, listLogins, logout, type LogoutComponents, type LogoutOptions } from './logout.ts'
export { emptyRegistriesConfig, type RegistriesConfig, type RegistryMirror, type RegistryRule } from './registries-config.ts'
export {
  createRegistryClient,
  type FoundRepository,
  type DeleteManifestOptions,
  type ReferrersOptions,
  type RegistryCheck,
  type RegistryClient,
  type RegistryClientComponents,
  type RegistryClientOptions,
  type Repository,
  type SearchRepositoriesOptions,
  type UploadBlobOptions,
} from './registry-client.ts'
export { createRegistryDestination, type RegistryDestinationOptions } from './registry-destination.ts'
export { createRegistrySource, type RegistrySourceOptions, type RegistryTransportComponents } from './registry-source.ts'
export { type ResolvedImage, resolveImage, type ResolveImageOptions } from './resolve-image.ts'
export { resolveShortName } from './short-names.ts'
export { syncImages, type SyncOptions, type SyncPair, type SyncProgress, type SyncReport } from './sync-images.ts'
export { syncPairs, type SyncPairsOptions } from './sync-pairs.ts'
