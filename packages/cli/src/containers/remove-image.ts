import { messageOf } from '@podwright/conventions'
import type { CommandContext } from '../context.ts'
import type { CreatedContainer } from './create-container.ts'

/** For `run --rmi`. What keeps the image, as another container does, is a warning: the exit code is that of the command that ran. */
export async function removeImageAfter(context: CommandContext, { engine, options }: CreatedContainer): Promise<void> {
  try {
    await engine.images.remove(options.image)
  } catch (error) {
    if (context.logLevel !== 'error') context.stderr.write(`Warning: the image ${options.image} stays: ${messageOf(error)}\n`)
  }
}
