/** One step of giving something back. */
export type TearDownStep = () => void | Promise<void>

/**
 * Runs every step in order, whatever the ones before it did.
 *
 * @throws the error of the step that failed, or an AggregateError when several did.
 */
export async function tearDown(steps: Iterable<TearDownStep>): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} steps of a tear-down failed`)
}
