/** The number of `SIGTERM`, `TERM`, `term`, `15`, `RTMIN+3`. @throws `ERR_SIGNAL_UNKNOWN` */
export function parseSignal(signal: string | number): number {
  throw new Error(`unfinished ${signal}`)
}

/** `SIGTERM` for 15; `SIGRTMIN+3` for 37. @throws `ERR_SIGNAL_UNKNOWN` */
export function signalName(number: number): string {
  throw new Error(`unfinished ${number}`)
}
