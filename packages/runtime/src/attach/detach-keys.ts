/**
 * The bytes of a detach sequence as docker and podman spell it: `ctrl-p,ctrl-q`, `a`, `ctrl-@`; empty text: none.
 *
 * @throws `ERR_DETACH_KEYS`
 */
export function parseDetachKeys(text: string): Uint8Array {
  throw new Error(`unfinished ${text}`)
}
