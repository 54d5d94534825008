/**
 * An OCI bundle and its process: the runtime-spec config, crun or runc, the monitor beside it, its streams, its log and its end.
 *
 * @packageDocumentation
 */
export { attach, type AttachEndReason, type AttachOptions, type AttachTarget } from './attach/attach.ts'
export { parseDetachKeys } from './attach/detach-keys.ts'
export { reopenLog, resizeTerminal } from './attach/control-fifo.ts'
export { RuntimeError, type RuntimeErrorCode, runtimeErrorCodes } from './errors.ts'
export { type ExitRecord, readExit, waitExit, type WaitExitOptions } from './exit.ts'
export { readHostFacts, type HostFactsOptions } from './host-facts.ts'
export { parseJournalLine } from './logs/journal-line.ts'
export { type RotatedLog, rotateLog, type RotationStep } from './logs/rotate-log.ts'
export { readJournal, type ReadJournalOptions } from './logs/read-journal.ts'
export { readLog, type ReadLogOptions } from './logs/read-log.ts'
export { attachPaths, createMonitor, type MonitorOptions } from './monitor/monitor.ts'
export { monitorCommand, type MonitorCommandOptions } from './monitor/monitor-command.ts'
export type { MonitorPaths } from './monitor/monitor-arguments.ts'
export { findMonitor, type FoundTool } from './monitor/find-monitor.ts'
export { findRuntime, type FindRuntimeOptions, type FoundRuntime } from './runtime/find-runtime.ts'
export { createRuntime, type RuntimeOptions } from './runtime/runtime.ts'
export type * from './seccomp/seccomp-profile.ts'
export { loadSeccompProfile, type LoadSeccompOptions, parseSeccompProfile } from './seccomp/load-seccomp-profile.ts'
export { resolveSeccomp, type SeccompTarget } from './seccomp/resolve-seccomp.ts'
export { parseSignal, signalName } from './signals.ts'
export { capabilityNames, defaultCapabilities } from './spec/capabilities.ts'
export { commandLine } from './spec/command-line.ts'
export { type ExecProcessInput, execProcess } from './spec/exec-process.ts'
export { generateSpec } from './spec/generate-spec.ts'
export { processText, specText } from './spec/spec-text.ts'
export { devicesAt, hostDevices } from './spec/host-devices.ts'
export type * from './spec/spec-input.ts'
export { containerSysctls } from './spec/sysctls.ts'
export {
  containerEnvFile,
  type ContainerEnvInput,
  hostsFile,
  type HostsFileInput,
  resolvConf,
  type ResolvConfInput,
} from './spec/text-files.ts'
export { type ResolvedUser, resolveUser } from './spec/user.ts'
