/**
 * Published conformance suites, one per contract, for vitest: what any driver or plugin must do.
 *
 * @packageDocumentation
 */
export { type StorageDriverSuiteOptions, storageDriverSuite } from './storage-driver-suite.ts'
