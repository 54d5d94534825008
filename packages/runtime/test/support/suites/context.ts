import { isPodwrightError } from '@podwright/conventions'
import { attach } from '../../../src/index.ts'
import type { RealContainer, Wish } from '../container.ts'
import type { Ground, Mode } from '../host.ts'
import { Sink } from '../streams.ts'

/** What a suite has to make containers with. */
export interface Context {
  readonly make: (wish: Wish) => Promise<RealContainer>
  readonly ground: () => Ground
  readonly runtime: string
  readonly mode: Mode
}

/** Creates, starts and waits; the exit code. */
export async function run(container: RealContainer): Promise<number> {
  await container.create()
  await container.start()
  return container.wait()
}

/** What a command prints. */
export async function output(make: Context['make'], wish: Wish): Promise<string> {
  await using container = await make(wish)
  const stdout = new Sink()
  await container.create()
  await attach(container.paths, { stdout }, { onConnected: () => container.start() })
  return stdout.text()
}

export async function failure(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; details: Readonly<Record<string, unknown>> }> {
  try {
    await work
  } catch (error) {
    if (isPodwrightError(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}
