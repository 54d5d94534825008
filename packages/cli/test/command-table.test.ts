import { describe, expect, test } from 'vitest'
import { commandTable, findCommand, nouns, withPersistentFlags } from '../src/index.ts'
import { laterCommands, laterFlags } from '../src/command-line/later.ts'

describe('the table and the definitions say the same', () => {
  test.each(commandTable.map((entry) => [entry.names[0] ?? '', entry] as const))('%s', async (name, entry) => {
    const command = await entry.load()
    expect(command.name).toBe(name)
    expect(command.summary).toBe(entry.summary)
    expect(command.summary).not.toMatch(/\.$/)
    expect(command.examples.length).toBeGreaterThan(0)
    for (const example of command.examples)
      expect(entry.names.some((known) => example === known || example.startsWith(`${known} `))).toBe(true)
  })

  test.each(commandTable.map((entry) => [entry.names[0] ?? '', entry] as const))('%s: every flag is named once', async (name, entry) => {
    const command = await entry.load()
    const flags = Object.entries(withPersistentFlags(command.flags))
    const longs = flags.flatMap(([long, { aliases = [] }]) => [long, ...aliases])
    const shorts = flags.flatMap(([, { short }]) => (short === undefined ? [] : [short]))
    expect(new Set(longs).size).toBe(longs.length)
    expect(new Set(shorts).size).toBe(shorts.length)
    for (const short of shorts) expect(short).toMatch(/^[a-zA-Z]$/)
    for (const [, { description }] of flags) expect(description).not.toMatch(/\.$/)
    const known = new Set([...longs.map((long) => `--${long}`), ...shorts.map((short) => `-${short}`)])
    // What there is can't be "not yet".
    expect(laterFlags(name).filter((flag) => known.has(flag))).toEqual([])
  })

  const removals = commandTable.filter(({ names }) => names.some((name) => /\b(rm|rmi|remove|delete|prune|reset|untag)$/.test(name)))

  test('whatever removes things is known', () => {
    expect(removals.map(({ names }) => names[0])).toEqual(expect.arrayContaining(['rm', 'rmi', 'untag', 'system reset']))
  })

  test.each(removals.map((entry) => [entry.names[0] ?? '', entry] as const))('%s can say what would go', async (_, entry) => {
    expect((await entry.load()).flags).toHaveProperty('dry-run')
  })

  test('a name means one command, and what comes later is not there', () => {
    const names = commandTable.flatMap((entry) => entry.names)
    expect(new Set(names).size).toBe(names.length)
    expect(laterCommands.filter((name) => findCommand(name) !== undefined)).toEqual([])
    for (const name of names.filter((candidate) => candidate.includes(' '))) expect(nouns).toHaveProperty(name.split(' ')[0] ?? '')
  })
})
