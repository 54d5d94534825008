import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { monitorCommand } from '../../src/index.ts'
import { makeTemporary } from '../support/temporary.ts'

const nasty = `it's "here" $(touch /tmp/never) \`x\` ; exit 3 #`

test('without mounts and directory it is the command behind its prefix', () => {
  expect(monitorCommand(['nsenter', '--'], [], ['conmon', '-x'])).toEqual(['nsenter', '--', 'conmon', '-x'])
})

test('what is handed in never becomes shell text', () => {
  const directory = join(makeTemporary(), nasty.replaceAll('/', '_'))
  mkdirSync(directory)
  const [file = '', ...words] = monitorCommand(['env', '--'], [], ['sh', '-c', 'pwd; printf "%s" "$1"', 'sh', nasty], { directory })
  expect(execFileSync(file, words, { encoding: 'utf8' })).toBe(`${directory}\n${nasty}`)
})

test('mounts are words in order, a bind without its option gets it', () => {
  const command = monitorCommand(
    [],
    [
      { type: 'overlay', source: 'overlay', target: '/t', options: ['lowerdir=a:b', 'userxattr'], workingDirectory: '/w' },
      { type: 'bind', source: '/s', target: '/t/x', options: ['ro'] },
      { type: 'tmpfs', source: 'tmpfs', target: '/t/y', options: [] },
    ],
    ['conmon'],
    { directory: '/bundle' },
  )
  expect(command.slice(0, 7)).toEqual(['unshare', '--mount', '--propagation', 'slave', '--', 'sh', '-c'])
  const words = ['podwright 3', '/w overlay lowerdir=a:b,userxattr overlay /t', '/ none bind,ro /s /t/x', '/ tmpfs rw tmpfs /t/y']
  expect(command.slice(8)).toEqual([...words, '/bundle conmon'].join(' ').split(' '))
})
