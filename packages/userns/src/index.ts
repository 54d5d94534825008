/**
 * User-namespace mapping: subordinate ids, id-map algebra, running things inside the namespaces of a rootless engine, and what keeps a host from it.
 *
 * @packageDocumentation
 */
export { appArmorCommands, appArmorHelperPath, appArmorProfile, appArmorProfilePath } from './app-armor.ts'
export { diagnoseUserNamespaces, type DiagnoseOptions, type UsernsFinding } from './diagnostics.ts'
export { type ExecutorOptions } from './executor.ts'
export { UsernsError, type UsernsErrorCode, usernsErrorCodes } from './errors.ts'
export {
  composeIdMaps,
  fullIdMap,
  isIdentityMap,
  mergeMappings,
  parseIdMappings,
  readIdMap,
  toContainer,
  toHost,
  validateIdMappings,
} from './id-map.ts'
export {
  createHostExecutor,
  createNamespaceExecutor,
  type NamespaceExecutorComponents,
  type NamespaceExecutorOptions,
} from './namespace-executor.ts'
export { livingPause, type PauseRecord } from './pause-record.ts'
export { isRootless } from './rootless.ts'
export { runInside, type RunInsideOptions } from './run-inside.ts'
export { type AnyTaskHandler, type NamespaceTaskLoaders, serveNamespaceTasks } from './serve-tasks.ts'
export {
  currentUser,
  parseSubIds,
  rangesOf,
  readSubIdFile,
  readSubIds,
  type ReadSubIdsOptions,
  type SubIdEntry,
  type SubIdRange,
  type SubIds,
  subIdSource,
  type SubIdUser,
} from './sub-ids.ts'
export { type WorkerEntry } from './worker.ts'
