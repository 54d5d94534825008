import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { asRole } from '../harness/role.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import { start } from '../harness/run.ts'

const script = `
import { openEngine } from '@podwright/engine'
const [root, runRoot] = process.argv.slice(2)
await using engine = await openEngine({ root, runRoot })
const { id } = await engine.containers.create({ image: 'hello', network: 'none' })
const end = await engine.containers.start(id, { streams: { stdout: process.stdout } })
await engine.containers.remove(id)
console.log(JSON.stringify(end))
`

asEachRole(({ role, sandbox }) => {
  test('the engine runs a container as a library, without the command', async () => {
    const { node, modules } = inject('installation')
    const file = join(modules, '..', `library-${role.uid}.mjs`)
    writeFileSync(file, script)
    const { home, directory, env } = sandbox()
    const words = [...asRole(role), node, file, join(home, 'library'), join(directory, 'run/library')]
    const { code, stdout, stderr } = await start(words, env).result
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^hello/i)
    expect(stdout.trim().split('\n').at(-1)).toBe('{"type":"exited","exitCode":0}')
  })
})
