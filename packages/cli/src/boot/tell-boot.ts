import type { ContainerOptions, Engine } from '@podwright/contracts'
import { messageOf } from '@podwright/conventions'
import { enginePaths } from '@podwright/engine'
import type { CommandContext } from '../context.ts'
import { type BootStart, enableBootStart, readBootStart } from './boot-start.ts'
import { type BootHost, ownBootHost } from './host.ts'

/**
 * Has containers be started after a reboot, once for each user, when there is a reason to: a container that was just made, with a policy that outlives
 * one. Says what it did. Containers in another place than the user's own are left to whoever chose that place, and so is all else when it can't be done.
 */
export async function ensureBootStart(
  context: CommandContext,
  engine: Engine,
  { id, restart }: Pick<ContainerOptions, 'restart'> & { readonly id: string },
): Promise<void> {
  if (restart?.name !== 'always' && restart?.name !== 'unless-stopped') return
  const host = ownBootHost(context.env)
  const { paths } = await engine.containers.inspect(id)
  const own = enginePaths({ environment: context.env }, host.uid !== 0).root
  if (!host.isOwnHome || !paths.bundle.startsWith(`${own}/`)) return
  const isSaid = context.logLevel !== 'error'
  try {
    const found = readBootStart(host)
    if (found.by === 'none' || found.state !== 'disabled') return
    const enabled = enableBootStart(host)
    if (isSaid) context.stderr.write(bootText(enabled, host))
  } catch (error) {
    if (isSaid) context.stderr.write(`Warning: after a reboot, nothing starts the container but podwright ps: ${messageOf(error)}\n`)
  }
}

/** What is so now, in sentences. */
export function bootText({ by, state, atBoot, where }: BootStart, { userName }: Pick<BootHost, 'userName'>): string {
  const what = 'containers with the restart policies always and unless-stopped'
  if (by === 'none') {
    return `This host has neither systemd nor a crontab: after a reboot, the first podwright ps starts ${what}.\n`
  }
  const place = by === 'cron' ? 'An @reboot line in the crontab' : where
  if (state !== 'enabled') {
    return `Nothing starts ${what} after a reboot but the first podwright ps.\nTo have them started: podwright system boot --enable\n`
  }
  if (atBoot) return `${place} starts ${what} after a reboot.\nTo turn that off: podwright system boot --disable\n`
  return (
    `${place} starts ${what} at the first login after a reboot, since lingering is off.\n` +
    `To have them started at the boot itself: loginctl enable-linger ${userName}\nTo turn it off: podwright system boot --disable\n`
  )
}
