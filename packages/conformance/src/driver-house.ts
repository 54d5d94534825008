import type { LayerTree, NamespaceExecutor, SnapshotPlan, StorageDriver } from '@podwright/contracts'
import { createTarWriter, type TarEntryInit } from '@podwright/archive'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorageDriverSuiteOptions } from './storage-driver-suite.ts'
import { runInside, type ShellResult, treeScript } from './inside.ts'

/** An entry of a layer. A name with a slash at its end is a directory. */
export interface LayerEntry extends TarEntryInit {
  readonly name: string
  readonly content?: string | Uint8Array
}

/** A driver in its surroundings. */
export interface DriverHouse extends AsyncDisposable {
  readonly driver: StorageDriver
  readonly namespace: NamespaceExecutor
  /** Why the driver's probe says that it can't be used here. */
  readonly unsupported: string | undefined
  readonly devices: boolean
  /** Unpacks a layer. */
  layer(entries: readonly LayerEntry[]): Promise<LayerTree>
  /** A plan on layers, lowest first. Its directory is made. */
  plan(layers: readonly LayerTree[], changes?: Partial<SnapshotPlan>): Promise<SnapshotPlan>
  /** `plan`, prepared. */
  prepare(layers: readonly LayerTree[], changes?: Partial<SnapshotPlan>): Promise<SnapshotPlan>
  /** Mounts a snapshot's tree, runs a shell script with the tree as its directory, and unmounts. */
  inTree(plan: SnapshotPlan, script: string): Promise<ShellResult>
  /** Runs a shell script inside, without mounts. */
  shell(script: string): Promise<ShellResult>
}

export async function driverHouse(options: StorageDriverSuiteOptions): Promise<DriverHouse> {
  const namespace = await options.namespace()
  const root = await options.directory()
  const driver = options.createDriver({ namespace })
  for (const name of ['layers', 'l', 'snapshots', 'probe']) await mkdir(join(root, name))
  const probe = await driver.probe(join(root, 'probe'))
  let count = 0
  const next = (): string => `${(count += 1)}`
  const plan: DriverHouse['plan'] = async (layers, changes = {}) => {
    const directory = join(root, 'snapshots', next())
    await mkdir(directory)
    const attributes = { mode: 0o755, uid: 0, gid: 0 }
    const plain = { directory, layers: layers.toReversed(), root: attributes, readOnly: false, idMap: undefined, workingDirectory: root }
    return { ...plain, ...changes }
  }
  return {
    driver,
    namespace,
    unsupported: probe.supported ? undefined : probe.reason,
    devices: options.devices ?? true,
    async layer(entries) {
      const id = next()
      const path = join(root, 'layers', id)
      await mkdir(path, { mode: 0o755 })
      await symlink(join('..', 'layers', id), join(root, 'l', id))
      await options.unpack(tarOf(entries), path, driver.layerFormat)
      return { path, shortPath: join('l', id) }
    },
    plan,
    async prepare(layers, changes) {
      const prepared = await plan(layers, changes)
      await driver.prepare(prepared)
      return prepared
    },
    inTree: (tree, script) => runInside(namespace, treeScript(driver.view(tree), script)),
    shell: (script) => runInside(namespace, script),
    async [Symbol.asyncDispose]() {
      await runInside(namespace, `rm -rf '${root}'`)
    },
  }
}

function tarOf(entries: readonly LayerEntry[]): Uint8Array {
  const writer = createTarWriter()
  for (const { content, ...entry } of entries)
    writer.add({ ...entry, type: entry.type ?? (entry.name.endsWith('/') ? 'directory' : 'file') }, content)
  return writer.finish()
}
