import { describe, expect, test } from 'vitest'
import { canMakeTerminals, onTerminal } from '../fixtures/terminal.ts'

if (!canMakeTerminals) console.log('skipped: tests on a terminal need python3 with its pty module')

/** ECHO, ICANON and ISIG of the local flags, OPOST of the output flags (termios(3), Linux on all architectures that Node runs on). */
const cooked = 0o10 | 0o2 | 0o1
const opost = 0o1

describe.skipIf(!canMakeTerminals)('on a terminal', () => {
  test('it is raw, output included, while the container runs, and as before afterwards; keys arrive as typed', () => {
    const { status, output, notes } = onTerminal(['run', '-it', 'x', 'key'], [{ wait: 'ready', note: 'during', send: '\u0003' }])
    expect(status).toBe(9)
    expect(output).toContain(String.raw`key "\u0003"`)
    const during = notes['during'] ?? [0, 0, 0, 0]
    expect(during[3] & cooked).toBe(0)
    expect(during[1] & opost).toBe(0)
    expect(notes['after']).toEqual(notes['before'])
  })

  test.each([
    ['run', '-i', 'x'],
    ['run', '-t', 'x'],
  ])('%s %s: it stays as it is when not both stdin and a terminal are asked for', (...words) => {
    const { notes } = onTerminal(words, [{ wait: 'ready', note: 'during', signal: 15 }])
    expect(notes['during']).toEqual(notes['before'])
  })

  test('a signal is sent on, and the terminal is given back', () => {
    const { status, output, notes } = onTerminal(
      ['run', '-it', 'x'],
      [
        { wait: 'ready', signal: 10 },
        { wait: 'got SIGUSR1', signal: 15 },
      ],
    )
    expect(status).toBe(143)
    expect(output).not.toContain('Debugger')
    expect(notes['after']).toEqual(notes['before'])
  })

  test('the terminal is given back after a fault of ours', () => {
    const { status, output, notes } = onTerminal(['run', '-it', 'x', 'fault'], [{ wait: 'ready', note: 'during' }])
    expect(status).toBe(125)
    expect(output).toContain('Error: podwright failed in a way that it should not')
    expect(output).toContain('a fault')
    expect(notes['during']).not.toEqual(notes['before'])
    expect(notes['after']).toEqual(notes['before'])
  })

  test('the window is told at the start and at each change', () => {
    const { output } = onTerminal(
      ['run', '-it', 'x', 'sizes'],
      [
        { wait: 'size 24x80', resize: [30, 100] },
        { wait: 'size 30x100', signal: 15 },
      ],
    )
    expect(output).toContain('size 30x100')
    // With a terminal, the change itself is no signal for the container.
    expect(output).not.toContain('got SIGWINCH')
  })

  test('help is as wide as the window', () => {
    const { output } = onTerminal(['ps', '--help'], [])
    expect(output).toContain('Usage:\r\n  podwright ps [options]')
  })
})
