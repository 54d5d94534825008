/**
 * The podwright container engine as a library: images, containers and the machine, composed from the building blocks.
 *
 * @packageDocumentation
 */
export { EngineError, engineErrorCodes } from './errors.ts'
export { openEngine } from './open-engine.ts'
export type { EngineEntries, EngineOptions } from './options.ts'
export { enginePaths, type EnginePaths } from './paths.ts'
export { engineVersion } from './version.ts'
