import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { sendDatagram } from '../src/datagram.ts'
import { findTool } from '../src/tools.ts'
import { skipUnless } from './fixtures/skip.ts'

const python = findTool('python3')
const skip = skipUnless(python !== undefined, 'the peer of these tests is written in Python, and python3 is not installed')
const directory = mkdtempSync(join(tmpdir(), 'podwright-datagram-'))
afterAll(() => rmSync(directory, { recursive: true }))
let peerOfTest: ChildProcess | undefined
// One that was not reached would wait for ever, and hold what it has of ours open.
afterEach(() => peerOfTest?.kill('SIGKILL'))

/** Binds the socket, says so, and prints the first datagram. */
const peer = `
import socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + name[1:] if name.startswith('@') else name)
print('bound', flush=True)
print(s.recv(4096).decode(), flush=True)
`

test.skipIf(skip).each([join(directory, 'socket'), `@podwright-datagram-${process.pid}`])('reaches %s', async (path) => {
  const child = spawn(python ?? '', ['-c', peer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  peerOfTest = child
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  await expect.poll(() => printed).toBe('bound\n')
  sendDatagram(path, 'MAINPID=1\nREADY=1')
  await once(child, 'close')
  expect(printed).toBe('bound\nMAINPID=1\nREADY=1\n')
})

test('says why it can not be sent', () => {
  expect(() => sendDatagram(join(directory, 'none'), 'x')).toThrow(
    expect.objectContaining({ code: 'ERR_LINUX_DATAGRAM', details: { path: join(directory, 'none'), errno: 'ENOENT' } }),
  )
})
