/** `npm run picture`: draws the house in docs/ARCHITECTURE.md anew, after a room or a dependency was added. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { housePolicy } from '../boundaries/policy.ts'
import { runStep } from '../steps/run-step.ts'
import { drawHouse, replacePicture } from '../documents/house-picture.ts'
import { readWorkspace, workspaceRoot } from '../workspace/workspace.ts'

const path = join(workspaceRoot, 'docs/ARCHITECTURE.md')
const before = readFileSync(path, 'utf8')
writeFileSync(path, replacePicture(before, drawHouse(readWorkspace(), housePolicy)))
await runStep({ title: 'format', command: ['oxfmt', path] }, workspaceRoot)
const isSame = readFileSync(path, 'utf8') === before
console.log(`docs/ARCHITECTURE.md ${isSame ? 'was true already' : 'is true again'}`)
