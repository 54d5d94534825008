import type { EngineEvent, EventOptions } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import type { StoredEvent } from '../state/event-log.ts'

/** How often a follower looks: the database is one file, and a look at its change counter costs next to nothing. */
const lookEveryMs = 100

/** What has happened, and what happens. A follower that falls behind by more than is kept goes on with the oldest that is there. */
export async function* followEvents(
  parts: EngineParts,
  { since, until, follow = false, signal }: EventOptions,
): AsyncGenerator<EngineEvent, void, undefined> {
  const store = await parts.store()
  const from = since?.getTime() ?? Number.NEGATIVE_INFINITY
  const to = until?.getTime() ?? Number.POSITIVE_INFINITY
  let last = follow && since === undefined ? store.lastEvent() : 0
  const isWanted = ({ time }: StoredEvent): boolean => time >= from && time < to
  for (;;) {
    // Before the look, or what is committed in between would be missed.
    const isOver = !follow || parts.clock.now() >= to
    for (let page = store.eventsAfter(last); page.length > 0; page = store.eventsAfter(last)) {
      for (const event of page) {
        signal?.throwIfAborted()
        if (isWanted(event)) yield { ...event, time: new Date(event.time) }
        last = event.sequence
      }
    }
    if (isOver) return
    await parts.clock.sleep(Math.min(lookEveryMs, Math.max(1, to - parts.clock.now())), { signal })
  }
}
