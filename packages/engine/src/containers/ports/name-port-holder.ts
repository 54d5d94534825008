import { isPodwrightError } from '@podwright/conventions'
import { EngineError } from '../../errors.ts'
import type { EngineParts } from '../../parts.ts'
import type { ContainerRow } from '../../state/record.ts'
import { observe } from '../observe.ts'

/** The same work; when it fails for want of a port that another container has, the error says which. */
export async function namingPortHolder<Result>(parts: EngineParts, row: ContainerRow, work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_PORT_IN_USE')) throw error
    const port = Number(error.details['hostPort'])
    const holder = (await parts.store()).list().find((other) => other.id !== row.id && holds(parts, other, port, error.details['protocol']))
    if (holder === undefined) throw error
    throw new EngineError(
      'ERR_CONTAINER_PORT_IN_USE',
      `cannot publish the port ${port}/${String(error.details['protocol'])}: the container ${holder.name} has it`,
      {
        cause: error,
        hint: `Publish on another port, or stop it: podwright stop ${holder.name}`,
        details: { ...error.details, holder: holder.id },
      },
    )
  }
}

function holds(parts: EngineParts, row: ContainerRow, port: number, protocol: unknown): boolean {
  const has = row.ports.some(({ hostPort, count = 1, protocol: own }) => own === protocol && port >= hostPort && port < hostPort + count)
  return has && ['initialized', 'running', 'paused', 'stopping'].includes(observe(row, parts.evidence).status)
}
