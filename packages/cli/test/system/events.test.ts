import type { EngineEvent } from '@podwright/contracts'
import { describe, expect, test } from 'vitest'
import { parseFuture } from '../../src/command-line/time-flag.ts'
import { eventFilter } from '../../src/system/event-filter.ts'
import { eventText } from '../../src/system/event-list.ts'

const id = 'ab'.repeat(32)
const event = (change: Partial<EngineEvent> = {}): EngineEvent => ({
  sequence: 1,
  time: new Date('2026-01-31T10:00:00.5Z'),
  type: 'container',
  action: 'died',
  subject: id,
  attributes: { image: 'docker.io/library/debian:latest', name: 'web', tier: 'front', exitCode: '3' },
  ...change,
})
const image = event({ type: 'image', action: 'pull', subject: `sha256:${id}`, attributes: { name: 'docker.io/library/debian:latest' } })
const volume = event({ type: 'volume', action: 'remove', subject: 'data', attributes: { name: 'data' } })

describe('events --filter', () => {
  test.each([
    [['container=web'], event()],
    [['container=abab'], event()],
    [['event=die'], event()],
    [['event=died', 'event=start'], event()],
    [['image=debian'], event()],
    [['image=debian:latest'], image],
    [['image=abab'], image],
    [['label=tier'], event()],
    [['label=tier=front', 'type=container'], event()],
    [['event=destroy', 'volume=data'], volume],
  ])('%j lets through what it means', (filters, meant) => {
    expect(eventFilter(filters)(meant)).toBe(true)
  })

  test.each([
    [['container=we'], event()],
    [['container=web'], event({ attributes: { name: 'db' } })],
    [['container=data'], volume],
    [['event=start'], event()],
    [['event=died', 'container=db'], event()],
    [['image=bian'], event()],
    [['image=debian:12'], image],
    [['label=tier=back'], event()],
    [['label=tier', 'label=other'], event()],
    [['type=image'], event()],
    [['volume=dat'], volume],
  ])('%j keeps back what it does not', (filters, other) => {
    expect(eventFilter(filters)(other)).toBe(false)
  })
})

test.each([
  [
    event(),
    `2026-01-31 10:00:00.500 +0000 UTC container died ${id} (image=docker.io/library/debian:latest, name=web, tier=front, exitCode=3)`,
  ],
  [image, `2026-01-31 10:00:00.500 +0000 UTC image pull ${id} docker.io/library/debian:latest`],
  [volume, '2026-01-31 10:00:00.500 +0000 UTC volume remove data'],
])('an event is a line in podman’s form', (told, line) => {
  expect(eventText(told, { whole: true })).toBe(line)
})

test('ids are cut to twelve digits when they are not to be whole', () => {
  expect(eventText(image, { whole: false })).toContain(' pull abababababab docker.io')
})

test('a moment may be to come', () => {
  expect(parseFuture('--until', '+1m30s', 1000).getTime()).toBe(91_000)
  expect(parseFuture('--until', '1s', 5000).getTime()).toBe(4000)
  expect(() => parseFuture('--until', '+soon', 0)).toThrow('--until')
})
