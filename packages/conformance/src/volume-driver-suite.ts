import type { NamespaceExecutor, VolumeDriver, VolumeDriverFactory, VolumePlan } from '@podwright/contracts'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { runInside, type ShellResult, treeScript } from './inside.ts'

/** What the suite needs to prove a volume driver. */
export interface VolumeDriverSuiteOptions {
  readonly createDriver: VolumeDriverFactory
  /** Where the driver's mounts are carried out and files are looked at. Asked once, before the first test. */
  readonly namespace: () => Promise<NamespaceExecutor>
  /** An empty directory, owned by the namespace's root, deleted afterwards. Absolute. */
  readonly directory: () => Promise<string>
  /** What volumes are made with. @default none */
  readonly options?: Readonly<Record<string, string>> | undefined
  /** What the driver refuses. @default an option of an unlikely name */
  readonly refused?: Readonly<Record<string, string>> | undefined
  /** Whether content outlives its last mount. @default true */
  readonly persistent?: boolean | undefined
  /** Reason to skip all. */
  readonly skip?: string | undefined
}

/** A driver in its surroundings. */
interface VolumeDriverHouse {
  readonly driver: VolumeDriver
  readonly root: string
  readonly namespace: NamespaceExecutor
  /** A plan whose directory is made. */
  plan(name: string, options?: Readonly<Record<string, string>>): Promise<VolumePlan>
  /** `plan`, created. */
  create(name: string): Promise<VolumePlan>
  /** Mounts a volume, runs a shell script in its content, and ends the mount. */
  inVolume(plan: VolumePlan, script: string): Promise<string>
  /** What a store does: the driver gives up what it has elsewhere, then the directory goes. */
  remove(plan: VolumePlan): Promise<void>
}

/**
 * Declares the tests that a volume driver must pass.
 *
 *     volumeDriverSuite('mine', { createDriver: createMyDriver, … })
 *
 * Needs `unshare` and a POSIX shell with the usual tools inside the namespace.
 */
export function volumeDriverSuite(name: string, options: VolumeDriverSuiteOptions): void {
  describe(`volume driver ${name}`, () => {
    let house: VolumeDriverHouse | undefined
    beforeAll(async () => {
      if (options.skip === undefined) house = await volumeDriverHouse(options)
    })
    afterAll(async () => {
      if (house !== undefined) await runInside(house.namespace, `rm -rf '${house.root}'`)
    })
    const enter = (context: TestContext): VolumeDriverHouse => house ?? context.skip(options.skip ?? 'no driver')
    factTests(enter)
    contentTests(enter, options.persistent ?? true)
    lifeTests(enter, options.refused ?? { 'no-driver-has-this': 'x' })
  })
}

async function volumeDriverHouse(suite: VolumeDriverSuiteOptions): Promise<VolumeDriverHouse> {
  const [namespace, root] = [await suite.namespace(), await suite.directory()]
  const driver = await suite.createDriver({ namespace })
  const plan: VolumeDriverHouse['plan'] = async (name, options = suite.options ?? {}) => {
    const directory = join(root, name)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return { name, directory, options }
  }
  return {
    driver,
    root,
    namespace,
    plan,
    async create(name) {
      const made = await plan(name)
      await driver.create(made)
      return made
    },
    async inVolume(made, script) {
      const { path, mounts } = await driver.view(made)
      return outputOf(await runInside(namespace, treeScript({ rootfs: path, mounts, layers: [] }, script)))
    },
    async remove(made) {
      await driver.remove(made)
      await runInside(namespace, `rm -rf '${made.directory}'`)
      await rm(made.directory, { recursive: true, force: true })
    },
  }
}

function outputOf({ exitCode, stdout, stderr }: ShellResult): string {
  if (exitCode !== 0) throw new Error(`the script ended with ${exitCode}: ${stderr}`)
  return stdout.trim()
}

type Enter = (context: TestContext) => VolumeDriverHouse

function factTests(enter: Enter): void {
  test('says what it is', (context) => {
    const { driver } = enter(context)
    expect(driver.name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/)
    expect(['local', 'global']).toContain(driver.scope)
    expect(typeof driver.renames).toBe('boolean')
    expect(typeof driver.attach).toBe(typeof driver.detach)
  })

  test('says where content is, each time the same, and changes nothing by that', async (context) => {
    const { driver, create, inVolume } = enter(context)
    const plan = await create('viewed')
    const view = await driver.view(plan)
    expect(view.path.startsWith('/')).toBe(true)
    for (const { target } of view.mounts) expect(target.startsWith('/')).toBe(true)
    expect(await driver.view(plan)).toEqual(view)
    expect(await inVolume(plan, 'ls -A')).toBe('')
  })

  test('a volume can have every name that volumes have', async (context) => {
    const { create, inVolume } = enter(context)
    for (const name of ['a', 'A.b_c-d', '0', 'x'.repeat(200)]) expect(await inVolume(await create(name), 'ls -A')).toBe('')
  })
}

function contentTests(enter: Enter, persistent: boolean): void {
  test('content is files of all kinds, owners and modes', async (context) => {
    const { create, inVolume } = enter(context)
    const plan = await create('kinds')
    const script =
      'mkdir d && echo x > d/f && ln d/f hard && ln -s d soft && mkfifo p && chmod 0640 d/f && chown 7:8 d/f && stat -c "%a %u:%g %h" d/f'
    expect(await inVolume(plan, script)).toBe('640 7:8 2')
  })

  if (persistent)
    test('content stays', async (context) => {
      const { create, inVolume, driver } = enter(context)
      const plan = await create('kept')
      await inVolume(plan, 'echo kept > file')
      // A creation that was killed is made again, and so may one that was not be.
      await driver.create(plan)
      expect(await inVolume(plan, 'cat file')).toBe('kept')
    })

  test('two volumes are two', async (context) => {
    const { create, inVolume } = enter(context)
    const [one, other] = [await create('one'), await create('other')]
    await inVolume(one, 'echo one > file')
    expect(await inVolume(other, 'ls -A')).toBe('')
  })

  test('a volume that is renamed keeps its content, if the driver says so', async (context) => {
    const { driver, root, create, inVolume } = enter(context)
    if (!driver.renames || !persistent) return
    const plan = await create('before')
    await inVolume(plan, 'echo moved > file')
    const renamed = { ...plan, name: 'after', directory: join(root, 'after') }
    await rename(plan.directory, renamed.directory)
    expect(await inVolume(renamed, 'cat file')).toBe('moved')
  })
}

function lifeTests(enter: Enter, refused: Readonly<Record<string, string>>): void {
  test('what was removed is gone: another of its name is empty', async (context) => {
    const { create, remove, inVolume } = enter(context)
    const plan = await create('again')
    await inVolume(plan, 'echo old > file')
    await remove(plan)
    expect(await inVolume(await create('again'), 'ls -A')).toBe('')
  })

  test('a removal can be done twice, and of what was never made', async (context) => {
    const { create, plan, driver } = enter(context)
    const made = await create('twice')
    const again = async (): Promise<void> => {
      await driver.remove(made)
      await driver.remove(await plan('never'))
    }
    await driver.remove(made)
    await expect(again()).resolves.toBeUndefined()
  })

  test('an option that it can’t honour is refused before anything is made', async (context) => {
    const { driver, plan } = enter(context)
    const bad = await plan('bad', refused)
    await expect(Promise.resolve().then(() => driver.create(bad))).rejects.toMatchObject({ code: 'ERR_VOLUME_OPTION' })
    expect(await readdir(bad.directory)).toEqual([])
    await driver.remove(bad)
  })

  test('holders come and go, in any order and twice', async (context) => {
    const { driver, create } = enter(context)
    const plan = await create('held')
    for (const holder of ['c1', 'c2', 'c1']) await driver.attach?.(plan, holder)
    for (const holder of ['c1', 'c2', 'c2', 'c3']) await driver.detach?.(plan, holder)
    await expect(driver.remove(plan)).resolves.toBeUndefined()
  })
}
