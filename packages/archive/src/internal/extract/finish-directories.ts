import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { messageOf } from '@podwright/conventions'
import { fromLatin1 } from '../bytes.ts'
import { finishDirectory, restoreTime } from './attributes.ts'
import type { Directories } from './directories.ts'
import type { DirectoryNode } from './directory-node.ts'
import { entryError, writeFailure } from './failure.ts'
import type { Settings } from './settings.ts'

const directoriesATurn = 1000

/**
 * Gives directories their owners, modes, times and attributes, once nothing will be made in them any more: a mode could forbid it, a default
 * ACL would be passed on, and the time would change. The deepest come first, since the mode of one above may bar the way.
 */
export async function finishDirectories(directories: Directories, settings: Settings, signal: AbortSignal | undefined): Promise<void> {
  let count = 0
  for (const node of deepestFirst(directories.root)) {
    finish(directories, settings, node)
    if (++count % directoriesATurn !== 0) continue
    await yieldToEvents()
    signal?.throwIfAborted()
  }
}

function finish(directories: Directories, settings: Settings, node: DirectoryNode): void {
  const path = directories.absolute(node.path)
  const { attributes } = node
  try {
    // Before the mode, which may forbid it.
    if (node.isOpaque && settings.whiteouts === 'overlay' && node !== directories.root) markOpaque(settings, fromLatin1(node.path), path)
    if (attributes && (node.isNew || settings.existingDirectories === 'become')) finishDirectory(settings, node, path, attributes)
    // The layer says nothing of the directory itself, so it stays as it was.
    else if (node.modifiedBefore !== undefined && !settings.isLive) restoreTime(settings, path, node.modifiedBefore)
  } catch (error) {
    throw writeFailure(error, attributes ?? { name: fromLatin1(node.path) })
  }
}

/** Unlike an attribute of the archive, this one can't be left out: what the layers below have would be seen again. */
function markOpaque(settings: Settings, name: Uint8Array, path: Buffer): void {
  if (!settings.special)
    throw entryError('ERR_ARCHIVE_SPECIAL_FILES', { name }, 'opaque directories for overlay need the `special` component')
  try {
    settings.special.setXattr(path, settings.opaqueXattr, Buffer.from('y'))
  } catch (error) {
    throw entryError('ERR_ARCHIVE_WRITE', { name }, `it can't be marked as opaque: ${messageOf(error)}`, {
      cause: error,
      hint: "In a user namespace only the attributes of `overlayXattrs: 'user'` can be set; some file systems have none at all.",
    })
  }
}

/** Every directory after those in it. Not recursive: a hostile archive may nest deeper than the stack goes. */
function* deepestFirst(root: DirectoryNode): Generator<DirectoryNode, void, undefined> {
  const stack: { node: DirectoryNode; rest: Iterator<DirectoryNode> }[] = [{ node: root, rest: childrenOf(root) }]
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const next = top.rest.next()
    if (next.done) {
      stack.pop()
      yield top.node
    } else stack.push({ node: next.value, rest: childrenOf(next.value) })
  }
}

function childrenOf(node: DirectoryNode): Iterator<DirectoryNode> {
  return node.children?.values() ?? [][Symbol.iterator]()
}
