import { treeChanges } from '@podwright/archive'
import type { NamespaceTaskContext } from '@podwright/contracts'
import { createSpecialFiles } from '@podwright/linux'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { PackedChange, VerifyArgs } from './tasks.ts'
import { childPath } from './tree.ts'
import { unpack } from './unpack.ts'

/** The handler of `storage.verify`: unpacks the layer beside, and says what would make the tree at hand the one that was unpacked. */
export async function verify(
  { unpack: args, tree }: VerifyArgs,
  { signal }: Pick<NamespaceTaskContext<never>, 'signal'>,
): Promise<{ readonly changes: readonly PackedChange[] }> {
  await unpack(args, { signal, onProgress: () => {} })
  const expected = join(args.directory, 'diff')
  const options = { special: createSpecialFiles(), compare: 'metadata-and-contents', signal } as const
  const changes: PackedChange[] = []
  for await (const { kind, path } of treeChanges(tree, expected, options)) {
    if (kind === 'C' && isAsGood(childPath(Buffer.from(tree), path), childPath(Buffer.from(expected), path))) continue
    changes.push([kind, Buffer.from(path).toString('base64')])
  }
  return { changes }
}

/** A directory without an entry of its own has the time of its unpacking, and so have overlayfs's whiteouts. */
function isAsGood(one: Buffer, other: Buffer): boolean {
  const [a, b] = [lstatSync(one), lstatSync(other)]
  if (a.isCharacterDevice() && b.isCharacterDevice()) return a.rdev === 0 && b.rdev === 0
  return a.isDirectory() && b.isDirectory() && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid
}
