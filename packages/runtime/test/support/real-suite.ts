import { afterAll, beforeAll, describe } from 'vitest'
import { makeContainer, type RealContainer, type Wish } from './container.ts'
import { becomePlainUser, type Ground, type Mode, openGround, reasonToSkip } from './host.ts'
import type { Context } from './suites/context.ts'
import { describeErrors } from './suites/errors.ts'
import { describeExec } from './suites/exec.ts'
import { describeLife } from './suites/life.ts'
import { describeMounts } from './suites/mounts.ts'
import { describeProtection } from './suites/protection.ts'
import { describeStreams } from './suites/streams.ts'
import { describeTerminals } from './suites/terminals.ts'

/** Containers of real parts: the kernel, a runtime, conmon. */
export function describeContainers(mode: Mode): void {
  if (mode === 'rootless') becomePlainUser()
  for (const runtime of ['crun', 'runc']) {
    describe.skipIf(reasonToSkip(mode, runtime))(`${runtime}, ${mode}`, { timeout: 30_000 }, () => {
      let ground: Ground
      beforeAll(async () => {
        ground = await openGround(mode)
      })
      afterAll(async () => {
        await ground[Symbol.asyncDispose]()
      })
      const make = (wish: Wish): Promise<RealContainer> => makeContainer(ground, runtime, wish)
      const context: Context = { make, ground: () => ground, runtime, mode }
      describeLife(context)
      describeErrors(context)
      describeStreams(context)
      describeTerminals(context)
      describeExec(context)
      describeMounts(context)
      describeProtection(context)
    })
  }
}
