import { RuntimeError } from '../errors.ts'

/** What docker and podman detach by unless told otherwise: ctrl-p, ctrl-q. */
export const defaultDetachKeys: Uint8Array = Uint8Array.of(0x10, 0x11)

/**
 * The bytes of a detach sequence as docker and podman spell it: `ctrl-p,ctrl-q`, `a`, `ctrl-@`; empty text: none.
 *
 * @throws `ERR_DETACH_KEYS`
 */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(text === '' ? [] : text.split(','), (key) => keyByte(key.trim(), text))
}

function keyByte(key: string, text: string): number {
  const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1]
  // A control character is the letter's, with the upper three bits off.
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f
  if (key.length === 1 && key.charCodeAt(0) < 0x80) return key.charCodeAt(0)
  throw new RuntimeError('ERR_DETACH_KEYS', `${JSON.stringify(key)} in ${JSON.stringify(text)} is not a key to detach by`, {
    hint: 'Give single characters or ctrl- and one of a to z, @, [, \\, ], ^, _, apart by commas: ctrl-p,ctrl-q.',
  })
}

/** What came of some typed bytes. */
export interface KeyScan {
  /** What goes on to the container. */
  readonly pass: Uint8Array
  readonly detached: boolean
}

/** Looks for the detach sequence in a stream of bytes; its beginning is held back until it is complete or breaks off. */
export class DetachKeyScanner {
  readonly #keys: Uint8Array
  #matched = 0

  constructor(keys: Uint8Array) {
    this.#keys = keys
  }

  scan(chunk: Uint8Array): KeyScan {
    const keys = this.#keys
    const first = keys[0]
    // Most chunks have nothing of it, and are passed on as they are.
    if (first === undefined || (this.#matched === 0 && !chunk.includes(first))) return { pass: chunk, detached: false }
    const pass: number[] = []
    for (const byte of chunk) {
      this.#feed(byte, pass)
      if (this.#matched === keys.length) return { pass: Uint8Array.from(pass), detached: true }
    }
    return { pass: Uint8Array.from(pass), detached: false }
  }

  /** What is held back, when nothing more comes. */
  rest(): Uint8Array {
    const held = this.#keys.slice(0, this.#matched)
    this.#matched = 0
    return held
  }

  #feed(byte: number, pass: number[]): void {
    const typed = [...this.#keys.subarray(0, this.#matched), byte]
    // The longest end of what was typed that begins the sequence stays held back.
    let kept = Math.min(typed.length, this.#keys.length)
    while (kept > 0 && !this.#startsWith(typed, typed.length - kept)) kept -= 1
    for (const one of typed.slice(0, typed.length - kept)) pass.push(one)
    this.#matched = kept
  }

  #startsWith(typed: readonly number[], from: number): boolean {
    return typed.slice(from).every((byte, index) => byte === this.#keys[index])
  }
}
