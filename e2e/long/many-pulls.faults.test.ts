import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { expect, inject, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { makeImage, makeIndex, ownArchitecture } from '../harness/image.ts'
import { asRole } from '../harness/role.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import { type RunResult, start } from '../harness/run.ts'
import type { Sandbox } from '../harness/sandbox.ts'
import { startCountingRegistry } from './counting-registry.ts'
import { expectMended, expectOnlyGarbage, expectRuns, listedImages } from './store-checks.ts'
import { tally } from './tally.ts'

const processes = 10
const images = 20

/** Pulls all that it is given at once; prints a line for each. */
const program = `
import { openEngine } from '@podwright/engine'
const [root, runRoot, ...names] = process.argv.slice(2)
await using engine = await openEngine({ root, runRoot })
await Promise.all(names.map(async (name) => {
  const outcome = await engine.images.pull(name, { tlsVerify: false }).then(() => 'pulled', (error) => (error.code ?? 'no code') + ' ' + error.message)
  console.log(outcome)
}))
`

/** Runs the program from the packs, with the names turned by some, so that no two processes go the same way. */
function pullAll(sandbox: Sandbox, names: readonly string[], turn: number): Promise<RunResult> {
  const { node, modules } = inject('installation')
  const turned = [...names.slice(turn), ...names.slice(0, turn)]
  const places = [`${sandbox.home}/store`, `${sandbox.env['XDG_RUNTIME_DIR']}/podwright`]
  const words = [...asRole(sandbox.role), node, '--disable-warning=ExperimentalWarning', '--input-type=module', '-', ...places, ...turned]
  return start(words, sandbox.env, { input: program, cwd: dirname(modules), timeoutMs: 400_000 }).result
}

asEachRole(({ sandbox }) => {
  test(`${processes * images} pulls of ${images} images from ${processes} processes fetch each blob once`, async (context) => {
    const count = tally(context, `one of ${processes * images} pulls at once, ${sandbox().role.name}`, 'commands')
    await using registry = await startCountingRegistry()
    registry.pauseMs = 1
    const shared = [{ path: 'shared', content: randomBytes(2_000_000) }]
    const made = Array.from({ length: images }, (_, index) =>
      makeImage({
        layers: [busyboxEntries(), ...(index % 2 === 0 ? [shared] : []), [{ path: 'own', content: randomBytes(300_000) }]],
        config: { Env: ['PATH=/bin', `NUMBER=${index}`] },
      }),
    )
    // Every second one is found by an index.
    const isListed = (index: number): boolean => index % 4 < 2
    for (const [index, image] of made.entries()) {
      registry.add(`image${index}`, '1', isListed(index) ? makeIndex({ [ownArchitecture]: image }) : image)
    }
    const names = made.map((_, index) => `${registry.address}/image${index}:1`)

    const ends = await Promise.all(Array.from({ length: processes }, (_, index) => pullAll(sandbox(), names, index * 2)))
    for (const line of ends.flatMap(({ stdout }) => stdout.trim().split('\n'))) count(line)
    expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ends.map(() => ({ code: 0, stderr: '' })))
    expect(ends.flatMap(({ stdout }) => stdout.trim().split('\n'))).toEqual(Array.from({ length: processes * images }, () => 'pulled'))

    // The config of an image without an index tells whether it may be stored at all, so that every process reads it first.
    const lone = new Set(made.filter((_, index) => !isListed(index)).map(({ configDigest }) => configDigest))
    const blobs = new Map(made.flatMap((image) => image.blobs).map(({ digest, bytes }) => [digest, bytes.length]))
    const once = [...blobs.keys()].filter((digest) => !lone.has(digest))
    expect(once.map((digest) => [digest, registry.gets.get(digest), registry.servedBytes.get(digest)])).toEqual(
      once.map((digest) => [digest, 1, blobs.get(digest)]),
    )
    expect(Math.max(...[...lone].map((digest) => registry.gets.get(digest)!))).toBeLessThanOrEqual(processes)

    const listed = await listedImages(sandbox())
    expect(listed).toHaveLength(images)
    for (const id of listed) await expectRuns(sandbox(), id, 'after all pulls')
    await expectOnlyGarbage(sandbox(), 'after all pulls')
    await expectMended(sandbox(), 'after all pulls')
  })
})
