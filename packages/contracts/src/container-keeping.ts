/** What follows the end of a container that nobody has stopped. */
export interface RestartPolicy {
  /** `on-failure`: a restart, unless the exit code is 0; `unless-stopped` differs from `always` after a reboot: one that was stopped stays so. */
  readonly name: 'on-failure' | 'always' | 'unless-stopped'
  /** For `on-failure`. @default no limit */
  readonly maximumRetries?: number | undefined
}

/** What is done about a container when it has ended. */
export interface ContainerKeepingOptions {
  /** @default none: it stays ended */
  readonly restart?: RestartPolicy | undefined
}
