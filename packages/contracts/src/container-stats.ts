/** What a running or paused container has used and uses now, as its control group and its network namespace count it. */
export interface ContainerStats {
  readonly id: string
  readonly name: string
  /** When it was looked at. */
  readonly at: Date
  readonly startedAt: Date | undefined
  /** Of all processors together, since its start; in nanoseconds. */
  readonly cpuNs: number
  /** Without what the kernel would give back at once: files that nobody has used for long. */
  readonly memoryBytes: number
  /** The machine's memory, where it has no limit of its own. */
  readonly memoryLimitBytes: number
  /** Processes and threads. */
  readonly pids: number
  /** Of all interfaces of a network of its own but the loopback. */
  readonly network: { readonly receivedBytes: number; readonly sentBytes: number }
  /** Of block devices. */
  readonly block: { readonly readBytes: number; readonly writtenBytes: number }
}
