/**
 * Image distribution: resolve, pull, push and copy between OCI registries and layouts. Nothing native; nothing happens at import.
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
export { DistributionError, type DistributionErrorCode, distributionErrorCodes } from './errors.ts'
export type { Fetch, FetchRequest, FetchResponse } from './fetch.ts'
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
