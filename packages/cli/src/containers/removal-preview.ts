import type { Engine } from '@podwright/contracts'
import { isAbsence } from '../exit-codes.ts'

/** What the removal of a container would come to. @throws what the removal would throw */
export async function whatWouldGo(
  engine: Pick<Engine, 'containers' | 'volumes'>,
  reference: string,
  { force, volumes }: { readonly force: boolean; readonly volumes: boolean },
): Promise<string> {
  const id = await engine.containers.remove(reference, { force, dryRun: true })
  const { mounts, options } = await engine.containers.inspect(id)
  const lines = [`Would remove ${reference}`]
  if (!volumes && options.autoRemove !== true) return lines.join('\n')
  for (const { type, source } of mounts) {
    if (type === 'volume' && source !== undefined && (await goesWith(engine, source, id))) lines.push(`Would remove the volume ${source}`)
  }
  return lines.join('\n')
}

/** Whether nobody named the volume, and nobody else uses it. */
async function goesWith({ volumes }: Pick<Engine, 'volumes'>, name: string, id: string): Promise<boolean> {
  try {
    const { anonymous, holders } = await volumes.inspect(name)
    return anonymous && holders.every((holder) => holder === id)
  } catch (error) {
    if (isAbsence(error)) return false
    throw error
  }
}
