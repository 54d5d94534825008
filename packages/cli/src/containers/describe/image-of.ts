import type { ContainerDetails, Engine, ImageDetails } from '@podwright/contracts'
import { isAbsence } from '../../exit-codes.ts'

/** The image that a container is on; undefined when it is gone, or there is none. */
export async function imageOf(engine: Engine, { imageId, options }: ContainerDetails): Promise<ImageDetails | undefined> {
  if (options.root !== undefined) return undefined
  try {
    return await engine.images.inspect(imageId)
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}
