/** What follows the end of a container that nobody has stopped. */
export interface RestartPolicy {
  /** `on-failure`: a restart, unless the exit code is 0; `unless-stopped` differs from `always` after a reboot: one that was stopped stays so. */
  readonly name: 'on-failure' | 'always' | 'unless-stopped'
  /** For `on-failure`. @default no limit */
  readonly maximumRetries?: number | undefined
}

/** A command that tells whether a container works: exit code 0. Times are milliseconds. */
export interface HealthTest {
  /** `['CMD', program, argument…]`, or `['CMD-SHELL', text]` for `/bin/sh -c` in the container. */
  readonly test: readonly string[]
  /** From the end of a check to the next; 0: only when somebody asks. @default 30000 */
  readonly intervalMs: number
  /** After this it is killed, and has failed. @default 30000 */
  readonly timeoutMs: number
}

/** A test that has to pass before the health check begins. */
export interface StartupCheck extends HealthTest {
  /** So many failures restart the container; 0: it is tried without an end. @default 0 */
  readonly retries: number
  /** So many times in a row it has to pass. @default 1 */
  readonly successes: number
}

/** How it is found out whether a container works, and what follows when it does not. Times are milliseconds. */
export interface HealthCheck extends HealthTest {
  /** So many failures in a row make it unhealthy. @default 3 */
  readonly retries: number
  /** For so long after the start, or until it was healthy once, failures don't count. @default 0 */
  readonly startPeriodMs: number
  /** The interval in that time. @default 5000 */
  readonly startIntervalMs: number
  /** @default none */
  readonly startup?: StartupCheck | undefined
  /** What is done to a container that is unhealthy. `kill` and `stop` leave it to its restart policy whether it comes back. @default 'none' */
  readonly onFailure: 'none' | 'kill' | 'restart' | 'stop'
  /** How many results are kept; 0: all. @default 5 */
  readonly logCount: number
  /** How many characters of the output are kept of each; 0: all. @default 500 */
  readonly logSize: number
}

/** Any of a type's fields, or undefined. */
type Some<Type> = { readonly [Name in keyof Type]?: Type[Name] | undefined }

/** What is given of a health check; the rest comes from the image, then from the defaults. */
export type HealthCheckOptions = Some<Omit<HealthCheck, 'startup'>> & {
  readonly startup?: (Some<StartupCheck> & Pick<StartupCheck, 'test'>) | undefined
}

/** What is known of a container's health since its start. */
export interface HealthState {
  readonly status: 'starting' | 'healthy' | 'unhealthy'
  /** Failures in a row that count. */
  readonly failingStreak: number
}

/** What a check found. */
export interface HealthResult {
  readonly startedAt: Date
  readonly finishedAt: Date
  /** -1: it was killed, since it took too long, or it could not be run. */
  readonly exitCode: number
  /** The beginning of stdout and stderr as they came. */
  readonly output: string
}

/** What is done about a container while it runs, and when it has ended. */
export interface ContainerKeepingOptions {
  /** @default none: it stays ended */
  readonly restart?: RestartPolicy | undefined
  /** `none`: not even the image's. @default the image's, if it has one */
  readonly health?: HealthCheckOptions | 'none' | undefined
}
