/** One thing that the tests need of the machine and that not every machine has. Applying it twice is the same as once. */
export interface EnvironmentStep {
  /** What it does, for whoever watches. */
  readonly title: string
  /** Looks, and changes nothing. */
  isNeeded(): boolean
  apply(): void
}
