import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { monitorCommand } from '../../src/index.ts'
import { makeTemporary } from '../support/temporary.ts'

const nasty = `it's "here" $(touch /tmp/never) \`x\` ; exit 3 #`

test('without a mount namespace and directory it is the command behind its prefix', () => {
  expect(monitorCommand(['nsenter', '--'], ['conmon', '-x'])).toEqual(['nsenter', '--', 'conmon', '-x'])
})

test('what is handed in never becomes shell text', () => {
  const directory = join(makeTemporary(), nasty.replaceAll('/', '_'))
  mkdirSync(directory)
  const [file = '', ...words] = monitorCommand(['env', '--'], ['sh', '-c', 'pwd; printf "%s" "$1"', 'sh', nasty], { directory })
  expect(execFileSync(file, words, { encoding: 'utf8' })).toBe(`${directory}\n${nasty}`)
})

test('a directory that can not be entered has an exit status of its own', () => {
  const [file = '', ...words] = monitorCommand([], ['true'], { directory: '/no/such/directory' })
  expect(spawnSync(file, words).status).toBe(92)
})

test('the pipes come after what is handed on to the container, and a shell that has digits for them is taken', () => {
  const shell = (handedOn: readonly number[]): readonly string[] => {
    const command = monitorCommand([], ['conmon'], { mountNamespace: true, handedOn })
    const script = command[command.indexOf('-c') + 1] ?? ''
    return [command[command.indexOf('-c') - 1] ?? '', ...(/^exec (\d+).*? (\d+)/m.exec(script)?.slice(1) ?? [])]
  }
  expect(shell([])).toEqual(['sh', '6', '7'])
  expect(shell([4])).toEqual(['sh', '8', '9'])
  expect(shell([5, 3])).toEqual(['bash', '9', '10'])
})

test('a mount namespace follows what is mounted outside, and keeps its own to itself', () => {
  const command = monitorCommand(['nsenter', '--'], ['conmon'], { mountNamespace: true })
  expect(command.slice(0, 8)).toEqual(['nsenter', '--', 'unshare', '--mount', '--propagation', 'slave', '--', 'sh'])
  expect(command.slice(-2)).toEqual(['/', 'conmon'])
})
