import { createTarWriter } from '@podwright/archive'
import type { MountSpec, NamespaceExecutor, TreePlace } from '@podwright/contracts'
import { runTool } from '@podwright/linux'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTreeFiles } from '../src/tree-files/open-tree-files.ts'
import { openPipeReader, openPipeWriter } from '../src/tree-files/pipe.ts'
import { enterTreeTask, statTreeTask } from '../src/tree-files/tasks.ts'
import { endNamespaces, hostExecutor, isRoot, whyNoNamespace } from './fixtures/host.ts'
import { bytes } from './fixtures/volumes.ts'

let home: string
let namespace: NamespaceExecutor
let reason: string | undefined

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pw-volatile-'))
  namespace = hostExecutor(home)
  reason = await whyNoNamespace(namespace)
  if (reason === undefined && !(await mounts(makeOverlay().spec))) reason = 'the kernel mounts no overlay here'
})
afterAll(async () => {
  await endNamespaces(home)
  rmSync(home, { recursive: true, force: true })
})
beforeEach((context) => context.skip(reason !== undefined, reason))

interface Overlay {
  readonly directory: string
  readonly spec: MountSpec
  readonly place: TreePlace
}

function makeOverlay(): Overlay {
  const directory = mkdtempSync(join(home, 'overlay-'))
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(directory, name))
  writeFileSync(join(directory, 'lower/below'), 'below')
  const target = join(directory, 'merged')
  const options = ['lowerdir=lower', 'upperdir=upper', 'workdir=work', 'index=off', ...(isRoot ? [] : ['userxattr'])]
  const spec: MountSpec = { type: 'overlay', source: 'overlay', target, options, workingDirectory: directory }
  return { directory, spec, place: { type: 'mounts', mounts: [spec], rootfs: target, binds: [] } }
}

/** Whether an overlay can be mounted, by itself, as a container's start does it; where nobody sees it, and only for a moment. */
async function mounts({ options, target, workingDirectory }: MountSpec): Promise<boolean> {
  const words = ['unshare', '--mount', 'sh', '-c', `cd "$1" && mount -t overlay -o "$2" overlay "$3"`, 'sh']
  const [tool = '', ...args] = [...(await namespace.prefix()), ...words, workingDirectory ?? '/', options.join(','), target]
  return runTool(tool, args, { cwd: '/' }).then(
    () => true,
    () => false,
  )
}

async function write(place: TreePlace, name: string, content: string): Promise<void> {
  await using files = await openTreeFiles({ namespace, runRoot: join(home, 'run'), minFreeBytes: 0 }, place, {})
  await files.write('/', bytes(createTarWriter().add({ name }, content).finish()))
}

test('what is copied into an overlay is there, and the overlay can be mounted as ever', async () => {
  const { directory, spec, place } = makeOverlay()
  await write(place, 'new', 'written')
  await write(place, 'below', 'above')
  expect(readFileSync(join(directory, 'upper/new'), 'utf8')).toBe('written')
  expect(readFileSync(join(directory, 'upper/below'), 'utf8')).toBe('above')
  expect(readdirSync(directory).toSorted()).toEqual(['lower', 'merged', 'upper', 'work'])
  expect(await mounts(spec)).toBe(true)
})

test('it is mounted so that no unmount waits for the disk', async () => {
  const { directory, place } = makeOverlay()
  {
    await using files = await openTreeFiles({ namespace, runRoot: join(home, 'run'), minFreeBytes: 0 }, place, {})
    await files.stat('/')
    // The kernel's mark of it.
    const work = join(directory, 'work-of-visit/work')
    chmodSync(work, 0o700)
    expect(readdirSync(work)).toEqual(['incompat'])
  }
  expect(existsSync(join(directory, 'work-of-visit'))).toBe(false)
})

test('what a visit that was killed left is in the way neither of a mount nor of the next visit', async () => {
  const { directory, spec, place } = makeOverlay()
  const mark = join(directory, 'work-of-visit/work/incompat/volatile')
  mkdirSync(mark, { recursive: true })
  writeFileSync(join(mark, 'dirty'), '')
  for (const path of [mark, join(mark, '..'), join(mark, '../..')]) chmodSync(path, 0)
  expect(await mounts(spec)).toBe(true)
  await write(place, 'new', 'written')
  expect(readFileSync(join(directory, 'upper/new'), 'utf8')).toBe('written')
  expect(existsSync(join(directory, 'work-of-visit'))).toBe(false)
})

test('where the kernel has no such mounts, the plain one is used', async () => {
  const { spec, place } = makeOverlay()
  const runRoot = join(home, 'run')
  using output = openPipeReader(runRoot)
  using input = openPipeWriter(runRoot)
  await using worker = await namespace.open()
  const volatileMounts = [{ ...spec, options: [...spec.options, 'of-another-kernel'] }]
  await worker.run(enterTreeTask, { place, volatileMounts, caller: process.pid, input: input.path, output: output.path })
  expect(await worker.run(statTreeTask, { path: '/below', followLink: false })).toMatchObject({ type: 'file', sizeBytes: 5 })
})
