import type { ContainerDetails, Engine, ImageDetails } from '@podwright/contracts'
import { isAbsence } from '../../exit-codes.ts'

/** The image that a container is on; undefined when it is gone. */
export async function imageOf(engine: Engine, { imageId }: ContainerDetails): Promise<ImageDetails | undefined> {
  try {
    return await engine.images.inspect(imageId)
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}
