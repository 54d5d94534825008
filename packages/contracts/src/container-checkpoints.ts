import type { AbortOptions } from '@podwright/conventions'

/** How a container's processes are written to disk and made again from there, with CRIU. */
export interface CheckpointWords {
  /** Established TCP connections too, instead of refusing a container that has some. @default false */
  readonly tcpEstablished?: boolean | undefined
  /** File locks too, instead of refusing a container that holds some. @default false */
  readonly fileLocks?: boolean | undefined
}

/** How a checkpoint is made. */
export interface CheckpointOptions extends AbortOptions, CheckpointWords {
  /** The container goes on. @default false */
  readonly leaveRunning?: boolean | undefined
  /** Keep CRIU's log and statistics beside the container's files. @default false */
  readonly keep?: boolean | undefined
}

/** How a container is restored. */
export interface RestoreOptions extends AbortOptions, CheckpointWords {
  /** Keep the checkpoint, and CRIU's log and statistics. @default false */
  readonly keep?: boolean | undefined
}

/** What the runtime needs to know of a checkpoint. All paths absolute. */
export interface RuntimeCheckpointOptions extends AbortOptions, CheckpointWords {
  readonly imageDirectory: string
  /** Where CRIU writes its log and statistics. */
  readonly workDirectory: string
  readonly leaveRunning: boolean
  /** Leave the contents of its network namespace to who restores it. */
  readonly emptyNetwork: boolean
}

/** What a monitor's runtime needs to restore a container instead of creating it. */
export interface RuntimeRestoreOptions extends CheckpointWords {
  readonly imageDirectory: string
  readonly emptyNetwork: boolean
}

/** When a container's processes were last written to disk, and made again; undefined: not in its last run. */
export interface CheckpointTimes {
  /** Set while it can be restored instead of started. */
  readonly checkpointedAt?: Date | undefined
  readonly restoredAt?: Date | undefined
}
