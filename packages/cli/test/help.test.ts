import { describe, expect, test } from 'vitest'
import { commandTable } from '../src/index.ts'
import { podwright } from './fixtures/program.ts'

/** Regenerate with `vitest run -u test/help.test.ts`. */
describe('--help', () => {
  test('of podwright', async () => {
    const { code, stdout, stderr } = await podwright('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await expect(stdout).toMatchFileSnapshot('goldens/help/podwright.txt')
    for (const line of ['', 'help', '-h']) expect((await podwright(line)).stdout).toBe(stdout)
  })

  test.each(['container', 'image', 'system'])('of %s', async (noun) => {
    const { stdout } = await podwright(noun)
    await expect(stdout).toMatchFileSnapshot(`goldens/help/${noun}.txt`)
    expect((await podwright(`${noun} --help`)).stdout).toBe(stdout)
  })

  test.each(commandTable.map((entry) => entry.names))('of %s', async (...names) => {
    const [name = ''] = names
    const { code, stdout } = await podwright(`${name} --help`)
    expect(code).toBe(0)
    await expect(stdout).toMatchFileSnapshot(`goldens/help/${name.replace(' ', '-')}.txt`)
    for (const alias of names) expect((await podwright(`help ${alias}`)).stdout).toBe(stdout)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80 + 60)
  })

  test('is as wide as the terminal', async () => {
    const { stdout } = await podwright('run --help', { columns: 60 })
    const long = stdout.split('\n').filter((line) => line.length > 60 && line.trim().includes(' ') && line.startsWith('       '))
    expect(long).toEqual([])
  })

  test('of what is not there', async () => {
    expect(await podwright('help rum')).toMatchObject({ code: 125, stdout: '' })
    expect(await podwright('rum --help')).toMatchObject({ code: 125, stdout: '' })
  })
})
