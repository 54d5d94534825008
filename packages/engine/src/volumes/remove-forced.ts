import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { removeContainer } from '../containers/remove.ts'
import type { EngineParts } from '../parts.ts'
import { commandHolder } from './command-holder.ts'

/** Containers may come by while others are removed; not for ever. */
const mostRounds = 5

/** Removes a volume, and first the containers that use it. */
export async function removeForced(
  parts: EngineParts,
  name: string,
  options: AbortOptions & { readonly timeoutSeconds?: number | undefined },
): Promise<void> {
  const volumes = await parts.volumes()
  for (let round = 1; ; round++) {
    try {
      await volumes.remove(name, { signal: options.signal })
      return
    } catch (error) {
      if (!isPodwrightError(error, 'ERR_VOLUME_IN_USE') || round === mostRounds) throw error
      await removeHolders(parts, name, (error.details['holders'] ?? []) as readonly string[], options)
    }
  }
}

async function removeHolders(
  parts: EngineParts,
  name: string,
  holders: readonly string[],
  options: AbortOptions & { readonly timeoutSeconds?: number | undefined },
): Promise<void> {
  const store = await parts.store()
  for (const holder of holders) {
    if (holder === commandHolder) await (await parts.volumes()).unmount(name, commandHolder)
    else if (store.find(holder) !== undefined) await removeContainer(parts, holder, { ...options, force: true })
  }
}
