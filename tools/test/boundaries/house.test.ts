import { expect, test } from 'vitest'
import { readImportGraph } from '../../boundaries/graph.ts'
import { housePolicy } from '../../boundaries/policy.ts'
import { findViolations } from '../../boundaries/rules.ts'
import { readWorkspace } from '../../workspace/workspace.ts'

test('this workspace keeps the house rules', () => {
  expect(findViolations(readImportGraph(readWorkspace()), housePolicy)).toEqual([])
})

test('the list of third-party packages names only rooms that exist, and only what they ship with', () => {
  const manifests = new Map(readWorkspace().packages.map(({ name, manifest }) => [name, manifest]))
  for (const [name, allowed] of Object.entries(housePolicy.thirdParty)) {
    const manifest = manifests.get(name)
    expect(Object.keys({ ...manifest?.dependencies, ...manifest?.devDependencies, ...manifest?.peerDependencies }), name).toEqual(
      expect.arrayContaining([...allowed]),
    )
  }
})
