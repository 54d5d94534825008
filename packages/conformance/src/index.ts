/**
 * Published conformance suites, one per contract, for vitest: what any driver or plugin must do; and a registry that fails as a test scripts it.
 *
 * @packageDocumentation
 */
export { type StorageDriverSuiteOptions, storageDriverSuite } from './storage-driver-suite.ts'
export { type RegistryFaults, registryFaults } from './registry-faults.ts'
export {
  type Interceptor,
  type InterceptOptions,
  type RecordedRequest,
  type ScriptedAnswer,
  type ScriptedImage,
  type ScriptedRegistry,
  type ScriptedRegistryOptions,
  type ScriptedUpload,
  type Serve,
  startScriptedRegistry,
} from './scripted-registry.ts'
export { type VolumeDriverSuiteOptions, volumeDriverSuite } from './volume-driver-suite.ts'
