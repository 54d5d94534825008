import { describe, expect, test } from 'vitest'
import { suggest } from '../../src/command-line/suggest.ts'
import { podwright } from '../fixtures/program.ts'

describe('suggestions', () => {
  test.each([
    ['fromat', ['format', 'filter'], ['format']],
    ['rum', ['run', 'rm', 'rmi', 'images'], ['run', 'rm']],
    ['imagse', ['images', 'image'], ['images', 'image']],
    ['det', ['detach', 'detach-keys', 'env'], ['detach', 'detach-keys']],
    ['zzzzzz', ['format'], []],
  ])('%s', (typed, candidates, expected) => {
    expect(suggest(typed, candidates)).toEqual(expected)
  })

  test.each([
    ['rum x', "Error: unknown command: rum\nDid you mean run or rm? See 'podwright --help'.\n"],
    [
      'container rum',
      "Error: unknown command: container rum\nDid you mean container run or container rm? See 'podwright container --help'.\n",
    ],
    ['ps --fromat json', "Error: unknown flag: --fromat\nDid you mean --format? See 'podwright ps --help'.\n"],
    ['ps -X', "Error: unknown flag: -X\nSee 'podwright ps --help'.\n"],
    ['--rot /x ps', "Error: unknown flag: --rot\nDid you mean --root? See 'podwright --help'.\n"],
    ['ps x', 'Error: "podwright ps" takes no arguments, not 1\nUsage: podwright ps [options]. See \'podwright ps --help\'.\n'],
    [
      'run',
      'Error: "podwright run" needs at least 1 argument, not 0\nUsage: podwright run [options] IMAGE [COMMAND [ARG...]]. See \'podwright run --help\'.\n',
    ],
    ['ps --last x', 'Error: invalid value "x" for --last: it is a whole number\nSee \'podwright ps --help\'.\n'],
    [
      'ps --filter stat=x',
      'Error: unknown filter "stat"\nDid you mean status? The filters are id, name, label, status, restart-policy, health, exited, ancestor, volume, network, publish, before, since.\n',
    ],
  ])('%s', async (line, stderr) => {
    expect(await podwright(line, { containers: { list: async () => [] } })).toMatchObject({ code: 125, stdout: '', stderr })
  })

  test.each([
    ['run --link x debian', '--link'],
    ['run --ip x', '--ip'],
    ['create --mac-address=x debian', '--mac-address'],
    ['unshare --rootless-netns', '--rootless-netns'],
    ['--connection x ps', '--connection'],
  ])('%s: what comes later is refused by name', async (line, flag) => {
    const { code, stderr } = await podwright(line)
    expect(code).toBe(125)
    expect(stderr).toContain(`Error: cannot honour ${flag}: docker or podman has this flag, podwright does not have it yet\n`)
  })

  test.each(['build .', 'container runlabel x', 'image sign x', 'network ls'])(
    '%s: a command that comes later is refused by name',
    async (line) => {
      const { code, stderr } = await podwright(line)
      expect(code).toBe(125)
      expect(stderr).toMatch(/^Error: cannot run "[a-z ]+": docker or podman has this command, podwright does not have it yet\n/)
    },
  )
})
