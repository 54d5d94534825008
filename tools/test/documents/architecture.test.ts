import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { housePolicy } from '../../boundaries/policy.ts'
import { drawHouse, replacePicture } from '../../documents/house-picture.ts'
import { readWorkspace, workspaceRoot } from '../../workspace/workspace.ts'

test('docs/ARCHITECTURE.md shows the house as the manifests draw it (npm run picture)', () => {
  const text = readFileSync(join(workspaceRoot, 'docs/ARCHITECTURE.md'), 'utf8')
  const drawn = replacePicture(text, drawHouse(readWorkspace(), housePolicy))
  expect(withoutPadding(text)).toBe(withoutPadding(drawn))
})

test('a text without the marks is refused', () => {
  expect(() => replacePicture('# a', 'picture')).toThrow(/marks/)
})

/** The formatter pads the columns of a table. */
function withoutPadding(text: string): string {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
}
