/**
 * The part of `npm test`'s set-up that concerns the machine: what tests need and not every machine has. Each step is skipped where it isn't
 * needed, and told where it is. It takes root; a plain user's tests do without, and skip what that makes impossible.
 */
import { deviceSteps } from './environment/devices.ts'
import type { EnvironmentStep } from './environment/environment-step.ts'
import { hugetlbStep, sharedRootStep } from './environment/mounts.ts'
import { testUserRangesStep, testUserStep } from './environment/test-user.ts'

const steps: readonly EnvironmentStep[] = [...deviceSteps, sharedRootStep, hugetlbStep, testUserStep, testUserRangesStep]

function apply(step: EnvironmentStep): void {
  if (!step.isNeeded()) return
  try {
    step.apply()
    console.error(`test environment: ${step.title}`)
  } catch (error) {
    // What depends on it says so when it fails; the other steps are still worth doing.
    console.error(`test environment: could not ${step.title}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

if (process.getuid?.() === 0) steps.forEach(apply)
