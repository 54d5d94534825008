import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { commandOf } from '../fixtures/terminal.ts'

const [node = '', ...words] = commandOf([])

test('100 MB come through a pipe byte for byte, at the speed of whoever reads', async () => {
  const child = spawn(node, [...words, 'run', '-i', 'x', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const block = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7 + (index >> 8)) & 0xff))
  const sent = createHash('sha256')
  const received = createHash('sha256')
  let bytes = 0
  const reading = (async () => {
    for await (const chunk of child.stdout) {
      received.update(chunk)
      bytes += chunk.length
    }
  })()
  for (let count = 0; count < 100; count++) {
    sent.update(block)
    if (!child.stdin.write(block)) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  const [code] = await once(child, 'exit')
  await reading
  expect(code).toBe(0)
  expect(bytes).toBe(100 * (1 << 20))
  expect(received.digest('hex')).toBe(sent.digest('hex'))
})

test.each([
  ['logs', 'logs x | head -c 10 >/dev/null; echo ${PIPESTATUS[0]}'],
  ['run', 'yes | "$@" run -i x cat | head -c 10 >/dev/null; echo ${PIPESTATUS[1]}'],
])('%s: a reader that goes away ends us quietly', async (_, script) => {
  const line = script.startsWith('logs') ? `"$@" ${script}` : script
  const child = spawn('bash', ['-c', line, 'bash', node, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  await once(child, 'close')
  expect(stdout).toBe('141\n')
  expect(stderr).toBe('')
})

test('SIGTERM ends a run without a terminal by way of the container', async () => {
  const child = spawn(node, [...words, 'run', 'x'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    if (stdout.endsWith('ready\r\n')) child.kill('SIGHUP')
    if (stdout.endsWith('got SIGHUP\r\n')) child.kill('SIGQUIT')
    if (stdout.endsWith('got SIGQUIT\r\n')) child.kill('SIGTERM')
  })
  const [code] = await once(child, 'exit')
  expect(code).toBe(143)
})
