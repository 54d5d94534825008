import { setImmediate as yieldToEvents } from 'node:timers/promises'
import type { TarXattr } from '../../entry.ts'
import { finishDirectory, type DirectoryAttributes } from './attributes.ts'
import type { Directories } from './directories.ts'
import type { DirectoryNode } from './directory-node.ts'
import { writeFailure } from './failure.ts'
import type { Settings } from './settings.ts'

const directoriesATurn = 1000

/**
 * Gives directories their owners, modes, times and attributes, once nothing will be made in them any more: a mode could forbid it, a default
 * ACL would be passed on, and the time would change. The deepest come first, since the mode of one above may bar the way.
 */
export async function finishDirectories(directories: Directories, settings: Settings, signal: AbortSignal | undefined): Promise<void> {
  let count = 0
  for (const node of deepestFirst(directories.root)) {
    const attributes = withOpaque(node, directories.root, settings)
    if (attributes) finish(directories, settings, node, attributes)
    if (++count % directoriesATurn !== 0) continue
    await yieldToEvents()
    signal?.throwIfAborted()
  }
}

function finish(directories: Directories, settings: Settings, node: DirectoryNode, attributes: DirectoryAttributes): void {
  try {
    finishDirectory(settings, node, directories.absolute(node.path), attributes)
  } catch (error) {
    throw writeFailure(error, attributes)
  }
}

function withOpaque(node: DirectoryNode, root: DirectoryNode, settings: Settings): DirectoryAttributes | undefined {
  const { attributes } = node
  if (!node.isOpaque || settings.whiteouts !== 'overlay' || node === root || !attributes) return attributes
  const opaque: TarXattr = { name: settings.opaqueXattr, value: Buffer.from('y') }
  return { ...attributes, xattrs: [...attributes.xattrs, opaque] }
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
