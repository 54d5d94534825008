import type { CredentialStoreComponents, RunCredentialHelper } from '../../credential-store.ts'

/** What runs helpers; spawning is loaded when one is run. */
export function helperRunner(components: CredentialStoreComponents): RunCredentialHelper {
  return async (...call) => {
    const run = components.runHelper ?? (await import('./spawn-helper.ts')).spawnHelper
    return run(...call)
  }
}
