/**
 * What Node lacks on Linux: the few libc calls that containers need, running the system's tools, and probes of what the kernel can do.
 *
 * @packageDocumentation
 */
export { type ControlGroup, controlGroupOf, isFrozen } from './control-groups.ts'
export { type CgroupFacts, type CgroupMode, probeCgroups } from './cgroups.ts'
export {
  type Database,
  type DatabaseMigration,
  type DatabaseSchema,
  openDatabase,
  type OpenDatabaseOptions,
  type TransactionOptions,
} from './database.ts'
export { DatabaseError, type DatabaseErrorCode, databaseErrorCodes } from './database-errors.ts'
export { type Distribution, type DistributionFamily, readDistribution } from './distribution.ts'
export { LinuxError, type LinuxErrorCode, linuxErrorCodes } from './errors.ts'
export { type FileLock, lockFile, type LockFileOptions, tryLockFile, type TryLockFileOptions } from './file-lock.ts'
export { type FileSystemFacts, probeFileSystem } from './file-systems.ts'
export { closeInheritedOnExec, isInherited } from './inherited-descriptors.ts'
export {
  type DeviceFacts,
  isKernelAtLeast,
  type KernelVersion,
  kernelVersion,
  type MemoryFacts,
  type OverlayFacts,
  probeDevice,
  probeMemory,
  probeOverlay,
  probeSecurity,
  probeUserNamespaces,
  type SecurityFacts,
  type UserNamespaceFacts,
} from './kernel-facts.ts'
export { type LimitFacts, parseLimits, readLimits } from './limits.ts'
export { type MountInfo, mountOf, parseMounts, readMounts } from './mount-info.ts'
export { openInRoot, type OpenInRootOptions } from './open-in-root.ts'
export { makeFifo, openFifo, setPipeCapacity, waitForIo } from './fifo.ts'
export {
  bindMount,
  changeDirectory,
  changeRoot,
  coverDirectory,
  joinMounts,
  makeMountReadOnly,
  type MountOptions,
  unmountDetached,
  unshareMounts,
} from './private-mounts.ts'
export { findUserManager, type FindUserManagerOptions, type UserManager } from './user-manager.ts'
export { bootId, isSameProcess, namespaceInode, type NamespaceKind, type ProcessStat, readProcessStat } from './process-facts.ts'
export { type CapabilitySet, type ProcessDetails, readProcessDetails } from './process-details.ts'
export { randomHex } from './random.ts'
export { Descriptor } from './descriptor.ts'
export { sendDatagram } from './datagram.ts'
export { connectSeqpacket, type ConnectSeqpacketOptions, PacketSocket } from './seqpacket.ts'
export { type ChildDescriptor, type ExitStatus, type SpawnedProcess, spawnProcess, type SpawnProcessOptions } from './spawn-process.ts'
export { createSpecialFiles } from './special-files.ts'
export { syncFileSystem, syncFileSystemAsync } from './sync-file-system.ts'
export { unreadBytes } from './unread-bytes.ts'
export { openRawTerminal, type TerminalSize, windowSize } from './terminal.ts'
export { installCommand, installHint, type ToolPackages, toolPackages } from './tool-packages.ts'
export { findTool, requireTool, runTool, type RunToolOptions, type ToolResult } from './tools.ts'
