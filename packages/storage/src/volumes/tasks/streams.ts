import type { AbortOptions } from '@podwright/conventions'
import { extractLayer, packTree } from '@podwright/archive'
import { createSpecialFiles } from '@podwright/linux'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fullOr } from '../../internal/free-space.ts'
import type { VolumeStreamArgs } from '../tasks.ts'

/** The handler of `storage.volumeExport`. */
export async function exportTar({ path, socket }: VolumeStreamArgs, { signal }: AbortOptions): Promise<null> {
  const target = await connected(socket)
  await pipeline(Readable.from(packTree(path, { special: createSpecialFiles(), signal }), { objectMode: false }), target, { signal })
  return null
}

/** The handler of `storage.volumeImport`. */
export async function importTar(args: VolumeStreamArgs, { signal }: AbortOptions): Promise<null> {
  const source = await connected(args.socket)
  try {
    await extractLayer(source as AsyncIterable<Uint8Array>, args.path, {
      special: createSpecialFiles(),
      whiteouts: 'keep',
      owners: 'archive',
      devices: args.skipDevices ? 'skip' : 'create',
      minFreeBytes: args.minFreeBytes,
      signal,
    })
  } catch (error) {
    throw fullOr(error, `import into ${args.path}`)
  } finally {
    source.destroy()
  }
  return null
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path)
  await once(socket, 'connect')
  return socket
}
