import type { PullOptions, StoredImage } from '@podwright/contracts'
import type { FileLock } from '@podwright/linux'
import type { EngineParts } from '../parts.ts'
import { ensureImage } from './ensure-image.ts'
import { lockImages } from './image-lock.ts'

/** An image that nobody removes until it is let go. */
export interface ClaimedImage extends Disposable {
  readonly image: StoredImage
  readonly name: string
}

/** Somebody may remove it while it is looked for; not for ever. */
const mostRounds = 5

/** Sees to it that an image is here, and stays until a container on it is recorded. */
export async function claimImage(parts: EngineParts, reference: string, options: PullOptions): Promise<ClaimedImage> {
  const storage = await parts.storage()
  for (let round = 1; ; round++) {
    const { image, name } = await ensureImage(parts, reference, options)
    const lock = await lockImages(parts, 'shared', options)
    if (storage.findImage(image.id) !== undefined || round === mostRounds) return claimed(image, name, lock)
    lock.release()
  }
}

function claimed(image: StoredImage, name: string, lock: FileLock): ClaimedImage {
  return { image, name, [Symbol.dispose]: () => lock.release() }
}
