import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asRole } from '../harness/role.ts'
import { asOneRole } from '../harness/roles-suite.ts'

const driver = new URL('../harness/type-and-tab.py', import.meta.url).pathname

/** How each shell is told of the completion, and started without anybody's own configuration. */
const shells = {
  bash: { setup: 'source <(podwright completion bash)', command: ['bash', '--norc', '--noprofile', '-i'] },
  zsh: { setup: 'autoload -U compinit; compinit -u -D; source <(podwright completion zsh)', command: ['zsh', '-f', '-i'] },
} as const

const isThere = (command: string): boolean => spawnSync(command, ['--version']).status === 0

asOneRole(({ role, sandbox, busybox }) => {
  let directory: string

  beforeAll(async () => {
    // The shells call podwright by its name.
    directory = join(sandbox().directory, 'bin')
    mkdirSync(directory)
    const words = sandbox().words([]).slice(asRole(role).length)
    writeFileSync(join(directory, 'podwright'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
    await sandbox().ok(['run', '-d', '--name', 'up-and-about', busybox, 'sleep', '300'])
    await sandbox().ok(['create', '--name', 'upcoming', busybox])
  })

  afterAll(async () => {
    await sandbox().podwright(['rm', '-f', '-t', '0', 'up-and-about', 'upcoming'])
  })

  const inShell = (command: readonly string[]): string => {
    const [program = '', ...words] = [...asRole(role), ...command]
    const { env } = sandbox()
    return execFileSync(program, words, { encoding: 'utf8', cwd: '/', env: { ...env, PATH: `${directory}:${env['PATH']}` } }).trim()
  }

  test.for(Object.entries(shells))(
    '%s completes flags, values and names at a tab',
    { timeout: 120_000 },
    ([name, { setup, command }], context) => {
      context.skip(!isThere(name), `needs ${name}`)
      const typed = (line: string): string => inShell(['python3', driver, setup, line, ...command])
      expect(typed('podwright run --network=h')).toBe('podwright run --network=host')
      expect(typed('podwright stop up')).toBe('podwright stop up-and-about')
      expect(typed('podwright start up')).toBe('podwright start upcoming')
      expect(typed(`podwright run --rm ${busybox.slice(0, -3)}`)).toBe(`podwright run --rm ${busybox}`)
    },
  )

  test('fish completes flags, values and names', { timeout: 120_000 }, (context) => {
    context.skip(!isThere('fish'), 'needs fish')
    const completed = (line: string): readonly string[] =>
      inShell(['fish', '-c', `podwright completion --no-desc fish | source; complete -C '${line}'`]).split('\n')
    expect(completed('podwright volume cre')).toEqual(['create'])
    expect(completed('podwright run --network=h')).toEqual(['--network=host'])
    expect(completed('podwright stop up')).toEqual(['up-and-about'])
    expect(completed('podwright start up')).toEqual(['upcoming'])
  })
})
