import { PodwrightError } from '@podwright/conventions'

/** The codes that this package's errors carry. */
export const runtimeErrorCodes = {
  ERR_RUNTIME_COMMAND_NOT_FOUND: 'the command to run is not in the container (exit status 127)',
  ERR_RUNTIME_COMMAND_NOT_EXECUTABLE: 'the command to run is a directory, or may not be executed (exit status 126)',
  ERR_RUNTIME_WORKING_DIRECTORY: 'the working directory can not be entered (exit status 126 or 127)',
  ERR_RUNTIME_CGROUP: 'the runtime could not make or use the control group',
  ERR_RUNTIME_MOUNT: "the runtime could not carry out one of the container's mounts",
  ERR_RUNTIME_PERMISSION: 'the kernel refused the runtime something, by EPERM or EACCES',
  ERR_RUNTIME_CONTAINER_NOT_FOUND: 'the runtime knows no container of that id',
  ERR_RUNTIME_CONTAINER_NOT_RUNNING: 'the operation needs a running container',
  ERR_RUNTIME_CONTAINER_EXISTS: 'the runtime already has a container of that id',
  ERR_RUNTIME_CHECKPOINT: 'a checkpoint could not be made or restored; the message has the words of CRIU',
  ERR_RUNTIME_FAILED: 'the runtime failed for another reason, which the message quotes',
  ERR_RUNTIME_NOT_FOUND: 'no OCI runtime that works on this host is installed',
  ERR_RUNTIME_UNKNOWN: 'the runtime asked for by name is not one of those known and is no path',
  ERR_MONITOR_NOT_FOUND: 'conmon is not installed',
  ERR_MONITOR_TOO_OLD: 'conmon is older than 2.0',
  ERR_MONITOR_FAILED: 'the monitor could not be started, or ended without an answer',
  ERR_ROOTFS_MOUNT: 'the root file system could not be mounted for the monitor',
  ERR_NAMESPACE_ENTER: 'the command before the monitor (nsenter, unshare) failed',
  ERR_ATTACH_GONE: 'the attach socket is gone: the container has ended',
  ERR_ATTACH_FAILED: 'the attach socket could not be used',
  ERR_USER_NOT_FOUND: "the user or group to run as is not in the image's /etc/passwd or /etc/group",
  ERR_USER_INVALID: 'a user or group id is out of range, or the specification is malformed',
  ERR_COMMAND_EMPTY: 'neither the image nor the caller names a command',
  ERR_CAPABILITY_UNKNOWN: 'not the name of a capability that the kernel knows',
  ERR_CAPABILITY_CONFLICT: 'a capability is both added and dropped',
  ERR_SECCOMP_PROFILE: 'the seccomp profile can not be read or is not valid',
  ERR_SIGNAL_UNKNOWN: 'not the name or number of a signal',
  ERR_MOUNT_OPTION: "a mount's target or options are not valid or contradict each other",
  ERR_RESOURCE_LIMIT: 'not the name of a resource limit, or its soft value is above the hard one',
  ERR_SYSCTL: 'a sysctl is not namespaced, or its namespace is shared with the host',
  ERR_DETACH_KEYS: 'not a sequence of detach keys',
  ERR_LOG_READ: 'the log can not be read',
} as const

/** One of this package's error codes. */
export type RuntimeErrorCode = keyof typeof runtimeErrorCodes

/** An error of this package. `details.exitStatus`, where it is set, is what a command line exits with: 125, 126 or 127. */
export class RuntimeError extends PodwrightError<RuntimeErrorCode> {}
