import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createFakeMachine, type FakeMachine } from './fake-machine.ts'

const table = `# a comment
npm   must  npm           npm        npm          npm
run   must  pw-a          pkg-a      rpm-a        arch-a
run   must  pw-b|pw-b2    pkg-b|b2   rpm-b        arch-b
run   want  pw-wish       wish       wish         wish
test  must  pw-test       pkg-test   rpm-test     arch-test
`

/** An apt that installs `pw-x` for `pkg-x`, and knows every package but `unknown`. */
function installApt(machine: FakeMachine, unknown = 'none'): void {
  machine.command('apt-cache', `[ "$2" != ${unknown} ]`)
  machine.command(
    'apt-get',
    `for word; do case $word in pkg-*) cp $bin/true-tool $bin/pw-\${word#pkg-} ;; wish) cp $bin/true-tool $bin/pw-wish ;; b2) cp $bin/true-tool $bin/pw-b2 ;; esac; done
     [ "$1" = update ] || echo "pmstatus:pkg:42.5:Unpacking"`,
  )
  machine.command('true-tool', ':')
}

describe('as root', () => {
  test('what is missing is installed, then npm packages, then the build; a second run does nothing', () => {
    using machine = createFakeMachine({ table })
    installApt(machine)
    const first = machine.setup('run')
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toBe('')
    expect(first.stderr).toMatch(/setting up, once \(3 steps\)/)
    expect(first.stderr).toMatch(/\[1\/3\] system packages: pkg-a pkg-b wish: done/)
    expect(first.stderr).toMatch(/\[2\/3\] Node and npm packages: done/)
    expect(first.stderr).toMatch(/\[3\/3\] building the command: done/)
    const calls = machine.calls()
    expect(calls.find((call) => call.startsWith('apt-get'))).toMatch(/install -y --no-install-recommends .* pkg-a pkg-b wish$/)
    expect(calls.find((call) => call.startsWith('npm'))).toMatch(/ ci /)

    expect(machine.setup('run')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(machine.calls()).toEqual([])
  })

  test.each([
    { controllers: 'hugetlb\n', installed: / pkg-a pkg-h$/ },
    { controllers: '\n', installed: / pkg-a$/ },
    { controllers: undefined, installed: / pkg-a$/ },
  ])('a runtime for hybrid control groups is installed where a v2 hierarchy beside v1 has controllers: $controllers', (its) => {
    const hybrid = 'run must pw-a pkg-a rpm-a arch-a\nhybrid must pw-h pkg-h rpm-h arch-h\n'
    using machine = createFakeMachine({ table: hybrid, ...(its.controllers === undefined ? {} : { hybridControllers: its.controllers }) })
    installApt(machine)
    expect(machine.setup('run').code).toBe(0)
    expect(machine.calls().find((call) => call.startsWith('apt-get'))).toMatch(its.installed)
  })

  test('the profile decides what is installed', () => {
    using machine = createFakeMachine({ table })
    installApt(machine)
    expect(machine.setup('develop').code).toBe(0)
    expect(machine.calls().some((call) => call.startsWith('apt-get'))).toBe(false)
    expect(machine.setup('run').code).toBe(0)
    expect(machine.has('pw-test')).toBe(false)
  })

  test('of alternatives, the first that the distribution has', () => {
    using machine = createFakeMachine({ table })
    installApt(machine, 'pkg-b')
    expect(machine.setup('run').code).toBe(0)
    expect(machine.has('pw-b2')).toBe(true)
  })

  test('without lists of packages, they are fetched first', () => {
    using machine = createFakeMachine({ table })
    installApt(machine)
    machine.command('apt-cache', '[ -e $bin/lists ]')
    machine.command('apt-get', `case $1 in update) : >$bin/lists ;; *) for x in a b wish; do cp $bin/true-tool $bin/pw-$x; done ;; esac`)
    expect(machine.setup('run').code).toBe(0)
    expect(
      machine
        .calls()
        .filter((call) => call.startsWith('apt-get'))
        .map((call) => call.split(' ')[1]),
    ).toEqual(['update', 'install'])
  })

  test('a wish that can’t be had is done without, and not tried again', () => {
    using machine = createFakeMachine({ table })
    installApt(machine, 'wish')
    expect(machine.setup('run').code).toBe(0)
    machine.calls()
    expect(machine.setup('run')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(machine.calls()).toEqual([])
  })

  test('a failure ends it with the end of its log', () => {
    using machine = createFakeMachine({ table })
    installApt(machine)
    machine.command('apt-get', 'echo "E: the mirror is on fire" >&2; exit 100')
    const { code, stderr } = machine.setup('run')
    expect(code).toBe(125)
    expect(stderr).toMatch(/\[1\/3\] system packages: pkg-a pkg-b wish: FAILED/)
    expect(stderr).toContain('E: the mirror is on fire')
    expect(stderr).toContain('apt-get install -y')
  })

  test('npm that fails is told with its words', () => {
    using machine = createFakeMachine({ table: '' })
    installApt(machine)
    machine.command('npm', 'echo "npm error network" >&2; exit 1')
    const { code, stderr } = machine.setup('develop')
    expect(code).toBe(125)
    expect(stderr).toContain('npm error network')
  })

  test.each([
    ['dnf', 'install -y rpm-a rpm-b wish'],
    ['pacman', '-S --needed --noconfirm arch-a arch-b wish'],
  ])('%s is spoken to in its own words', (manager, words) => {
    using machine = createFakeMachine({ table })
    machine.command('true-tool', ':')
    machine.command(manager, 'for x in a b wish; do cp $bin/true-tool $bin/pw-$x; done')
    expect(machine.setup('run').code).toBe(0)
    expect(machine.calls()).toContain(`${manager} ${words}`)
  })

  test('a system that it does not know is refused', () => {
    using machine = createFakeMachine({ table })
    const { code, stderr } = machine.setup('run')
    expect(code).toBe(125)
    expect(stderr).toMatch(/Debian, Ubuntu, Fedora and Arch/)
    expect(stderr).toContain('pw-a')
  })
})

describe('as a plain user', () => {
  test('without sudo, the exact commands are printed, and nothing is done', () => {
    using machine = createFakeMachine({ table, uid: 1234 })
    installApt(machine)
    const { code, stdout, stderr } = machine.setup('run')
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain('    sudo apt-get install -y --no-install-recommends pkg-a pkg-b\n')
    expect(stderr).toMatch(/ {4}sudo usermod --add-subuids (\d+)-(\d+) --add-subgids \1-\2 tester\n/)
    expect(machine.calls()).toEqual([])
  })

  test('with a sudo that asks for nothing, it is used', () => {
    using machine = createFakeMachine({ table, uid: 1234 })
    installApt(machine)
    machine.command('usermod', ':')
    machine.command('sudo', '[ "$1" != -n ] || shift; case $1 in true) ;; *) "$@" ;; esac')
    const { code, stderr } = machine.setup('run')
    expect(code, stderr).toBe(0)
    expect(machine.calls().some((call) => call.startsWith('sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install'))).toBe(true)
  })

  test('wishes alone don’t keep anybody from starting', () => {
    using machine = createFakeMachine({ table: 'npm want pw-wish wish wish wish\n', uid: 1234 })
    installApt(machine)
    expect(machine.setup('develop').code).toBe(0)
    expect(machine.calls().some((call) => call.startsWith('apt-get'))).toBe(false)
  })
})

describe('./podwright', () => {
  test('sets up, then runs the command with its arguments; later it only runs it', () => {
    using machine = createFakeMachine({ table })
    installApt(machine)
    const first = machine.launch('run', '--rm', 'a b')
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toBe(`ran -- ${machine.root}/packages/cli/dist/podwright.js run --rm a b\n`)
    machine.calls()
    expect(machine.launch('ps')).toEqual({ code: 0, stdout: `ran -- ${machine.root}/packages/cli/dist/podwright.js ps\n`, stderr: '' })
    expect(machine.calls().filter((call) => !call.startsWith('fake-node'))).toEqual([])
  })

  test('builds again when a source was changed, or added', async () => {
    using machine = createFakeMachine({ table: '' })
    machine.launch('ps')
    for (const file of ['main.ts', 'new.ts']) {
      await sleep(20)
      writeFileSync(join(machine.root, 'packages/cli/src', file), '// changed')
      expect(machine.launch('ps').stderr).toMatch(/building the command: done/)
      expect(machine.launch('ps').stderr).toBe('')
    }
  })

  test('ends with 125 and runs nothing when set-up fails', () => {
    using machine = createFakeMachine({ table: '' })
    machine.command('npm', 'exit 1')
    const { code, stdout } = machine.launch('ps')
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
  })
})
