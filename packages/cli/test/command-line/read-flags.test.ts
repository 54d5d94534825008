import { describe, expect, test } from 'vitest'
import type { FlagDefinitions } from '../../src/command-line/flags.ts'
import { readFlags } from '../../src/command-line/read-flags.ts'

const flags = {
  detach: { kind: 'boolean', short: 'd', description: '' },
  interactive: { kind: 'boolean', short: 'i', description: '' },
  tty: { kind: 'boolean', short: 't', description: '' },
  rm: { kind: 'boolean', description: '' },
  name: { kind: 'text', description: '' },
  env: { kind: 'words', short: 'e', description: '' },
  volume: { kind: 'words', short: 'v', description: '' },
  'cap-add': { kind: 'list', description: '' },
  network: { kind: 'text', aliases: ['net'], description: '' },
  time: { kind: 'integer', description: '' },
  pull: { kind: 'text', choices: ['always', 'never'], description: '' },
} as const satisfies FlagDefinitions

const read = (words: readonly string[], stopsAtFirstArgument = true): object => {
  const { values, args } = readFlags(flags, words, { stopsAtFirstArgument })
  const given = Object.entries(values).filter(([, value]) => !Array.isArray(value) || value.length > 0)
  return { ...Object.fromEntries(given), args }
}

describe('readFlags', () => {
  test.each([
    { words: ['-itd', 'image'], expected: { interactive: true, tty: true, detach: true, args: ['image'] } },
    { words: ['-it', 'image', 'ls', '-la', '--rm'], expected: { interactive: true, tty: true, args: ['image', 'ls', '-la', '--rm'] } },
    { words: ['--name=web', 'image'], expected: { name: 'web', args: ['image'] } },
    { words: ['--name', 'web', 'image'], expected: { name: 'web', args: ['image'] } },
    { words: ['--name=', 'image'], expected: { name: '', args: ['image'] } },
    { words: ['--name=a=b'], expected: { name: 'a=b', args: [] } },
    { words: ['--name', '--rm'], expected: { name: '--rm', args: [] } },
    { words: ['-e', '-d=false', 'image'], expected: { env: ['-d=false'], args: ['image'] } },
    { words: ['-eA=b', '-e', 'C=d', '-e=E=f', '--env=G', '--env', 'H'], expected: { env: ['A=b', 'C=d', 'E=f', 'G', 'H'], args: [] } },
    { words: ['-v=/a:/b', '-v/c:/d'], expected: { volume: ['/a:/b', '/c:/d'], args: [] } },
    { words: ['-ite', 'A=b'], expected: { interactive: true, tty: true, env: ['A=b'], args: [] } },
    { words: ['--rm=false', '-d=true', '-it=false'], expected: { rm: false, detach: true, interactive: true, tty: false, args: [] } },
    { words: ['--rm=1', '--rm=F'], expected: { rm: false, args: [] } },
    { words: ['-d', '--', '-x', 'y'], expected: { detach: true, args: ['-x', 'y'] } },
    { words: ['image', '--', 'x'], expected: { args: ['image', '--', 'x'] } },
    { words: ['-', 'x'], expected: { args: ['-', 'x'] } },
    { words: ['--cap-add', 'A,B', '--cap-add=C'], expected: { 'cap-add': ['A', 'B', 'C'], args: [] } },
    { words: ['--net', 'host'], expected: { network: 'host', args: [] } },
    { words: ['--pull=never'], expected: { pull: 'never', args: [] } },
  ])('$words', ({ words, expected }) => {
    expect(read(words)).toEqual(expected)
  })

  test('goes on after arguments unless it is told to stop', () => {
    expect(read(['a', '-d', 'b', '--', '-i'], false)).toEqual({ detach: true, args: ['a', 'b', '-i'] })
  })

  test.each([
    { words: ['--fromat'], code: 'ERR_CLI_FLAG_UNKNOWN', message: 'unknown flag: --fromat' },
    { words: ['--fromat=x'], code: 'ERR_CLI_FLAG_UNKNOWN', message: 'unknown flag: --fromat' },
    { words: ['-x'], code: 'ERR_CLI_FLAG_UNKNOWN', message: 'unknown flag: -x' },
    { words: ['-ix'], code: 'ERR_CLI_FLAG_UNKNOWN', message: 'unknown flag: -x in -ix' },
    { words: ['--name'], code: 'ERR_CLI_FLAG_VALUE', message: 'flag --name needs a value' },
    { words: ['-e'], code: 'ERR_CLI_FLAG_VALUE', message: 'flag -e needs a value' },
    { words: ['--rm=perhaps'], code: 'ERR_CLI_FLAG_VALUE', message: 'invalid value "perhaps" for --rm: it is true or false' },
    { words: ['--time', 'soon'], code: 'ERR_CLI_FLAG_VALUE', message: 'invalid value "soon" for --time: it is a whole number' },
    { words: ['--pull', 'maybe'], code: 'ERR_CLI_FLAG_VALUE', message: 'invalid value "maybe" for --pull: it is one of always, never' },
  ])('refuses $words', ({ words, code, message }) => {
    expect(() => read(words)).toThrowError(expect.objectContaining({ code, message }) as Error)
  })
})
