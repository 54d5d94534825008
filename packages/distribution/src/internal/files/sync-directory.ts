/** Sees on the disk what was renamed into a directory. Systems on which a directory can't be opened do so by themselves. */
export async function syncDirectory(path: string): Promise<void> {
  const { open } = await import('node:fs/promises')
  try {
    await using directory = await open(path, 'r')
    await directory.sync()
  } catch {
    // EISDIR, EPERM or EINVAL: not here.
  }
}
