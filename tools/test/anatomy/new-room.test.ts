import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesOfRoom } from '../../anatomy/room.ts'
import { extractExamples } from '@podwright/e2e/examples'
import { runExample } from '../../documents/run-example.ts'
import { workspaceRoot } from '../../workspace/workspace.ts'

// In the workspace, so that it finds the shared configuration and what is installed; where no pattern of the workspace looks.
mkdirSync(join(workspaceRoot, '.cache'), { recursive: true })
const scratch = mkdtempSync(join(workspaceRoot, '.cache/new-room-'))
const room = join(scratch, 'inner')
const files = filesOfRoom({ name: 'mail-box', layer: 'block', description: 'Letters, kept until read.', version: '0.1.0' })

/** What is two directories up for a room in packages/ is one further up for this one. */
const climb = (content: string): string => content.replaceAll('../../', '../../../')

beforeAll(() => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(room, path)), { recursive: true })
    writeFileSync(join(room, path), /config|\.json$/.test(path) ? climb(content) : content)
  }
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface CommandCase {
  readonly title: string
  readonly command: string
  readonly args: readonly string[]
}

const commands: readonly CommandCase[] = [
  { title: 'has sound types', command: 'tsc', args: ['-p', 'tsconfig.json'] },
  { title: 'passes its tests', command: 'vitest', args: ['run'] },
]

test.each(commands)('a new room $title', ({ command, args }) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: room, encoding: 'utf8' })
  expect(status, stdout + stderr).toBe(0)
})

test('its example names it, and runs', async () => {
  const [example] = extractExamples(files['README.md']!)
  expect(example?.code).toContain(`from '@podwright/mail-box'`)
  const { code, output } = await runExample(
    { ...example!, code: example!.code.replace(`'@podwright/mail-box'`, `'../../src/index.ts'`) },
    room,
  )
  expect({ code, output }).toEqual({ code: 0, output: 'true\n' })
})
