/**
 * `npm run new-package -- NAME --layer LAYER --description SENTENCE`: makes a room in the house's anatomy.
 *
 * It passes every check as it is; what follows is its first real code.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { filesOfRoom } from '../anatomy/room.ts'
import { housePolicy } from '../boundaries/policy.ts'
import { runStep } from '../steps/run-step.ts'
import { drawHouse, replacePicture } from '../documents/house-picture.ts'
import { readManifest, readWorkspace, workspaceRoot } from '../workspace/workspace.ts'

const usage = `usage: npm run new-package -- NAME --layer LAYER --description SENTENCE
layers: ${housePolicy.layers
  .filter((layer) => layer.isInternal !== true)
  .map(({ name }) => name)
  .join(', ')}`

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { layer: { type: 'string', default: 'block' }, description: { type: 'string' } },
    allowPositionals: true,
  })
  const [name] = positionals
  const layer = housePolicy.layers.find((candidate) => candidate.name === values.layer && candidate.isInternal !== true)
  if (name === undefined || !/^[a-z][a-z0-9-]*$/.test(name) || layer === undefined) throw new Error(usage)
  const directory = join(workspaceRoot, 'packages', name)
  if (existsSync(directory)) throw new Error(`packages/${name} exists already`)

  const version = readManifest(join(workspaceRoot, 'packages/conventions')).version
  const description = values.description ?? `What podwright knows about ${name}.`
  for (const [path, content] of Object.entries(filesOfRoom({ name, layer: layer.name, description, version }))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  copyFileSync(join(workspaceRoot, 'LICENSE'), join(directory, 'LICENSE'))
  link(name)
  redraw()
  await runStep({ title: 'format', command: ['oxfmt', directory, 'docs/ARCHITECTURE.md'] }, workspaceRoot)
  console.log(`packages/${name} is there. Next: declare its dependencies, npm run lock, npm run picture, npm run check`)
}

/** What npm would do, without a whole installation. */
function link(name: string): void {
  const path = join(workspaceRoot, 'node_modules/@podwright', name)
  if (!existsSync(path)) symlinkSync(join('../../packages', name), path)
}

function redraw(): void {
  const path = join(workspaceRoot, 'docs/ARCHITECTURE.md')
  writeFileSync(path, replacePicture(readFileSync(path, 'utf8'), drawHouse(readWorkspace(), housePolicy)))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
