const separator = Buffer.from('/')

/** The path of `name` in a directory, as bytes. */
export function childPath(directory: Uint8Array, name: Uint8Array): Buffer {
  return Buffer.concat([directory, separator, name])
}
