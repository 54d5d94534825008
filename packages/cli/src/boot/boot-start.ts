import { findCrontab, enableLine, lineState, turnLineOff } from './crontab.ts'
import type { BootHost } from './host.ts'
import { enableUnit, hasSystemd, lingers, maskUnit, unitPath, unitState } from './systemd.ts'

/** How containers are started after a reboot. */
export interface BootStart {
  /** `none`: this host has nothing that podwright knows how to use. */
  readonly by: 'systemd' | 'cron' | 'none'
  /** `off`: somebody turned it off. */
  readonly state: 'enabled' | 'disabled' | 'off'
  /** Whether that is at the boot itself, and not at the user's first login after it. */
  readonly atBoot: boolean
  /** The unit's absolute path, or `crontab`. */
  readonly where: string
}

/** How it is on this host. */
export function readBootStart(host: BootHost): BootStart {
  if (hasSystemd(host)) {
    const state = unitState(host)
    return { by: 'systemd', state: state === 'masked' ? 'off' : state, atBoot: lingers(host), where: unitPath(host) }
  }
  const crontab = findCrontab(host)
  if (crontab === undefined) return { by: 'none', state: 'disabled', atBoot: false, where: '' }
  return { by: 'cron', state: lineState(crontab), atBoot: true, where: 'crontab' }
}

/** Has them started; what is so already stays as it is. @throws CliError `ERR_CLI_BOOT` */
export function enableBootStart(host: BootHost): BootStart {
  if (hasSystemd(host)) enableUnit(host)
  else {
    const crontab = findCrontab(host)
    if (crontab !== undefined) enableLine(crontab, host)
  }
  return readBootStart(host)
}

/** Has them not started; a container with a restart policy does not turn it on again. @throws CliError `ERR_CLI_BOOT` */
export function turnBootStartOff(host: BootHost): BootStart {
  if (hasSystemd(host)) maskUnit(host)
  else {
    const crontab = findCrontab(host)
    if (crontab !== undefined) turnLineOff(crontab)
  }
  return readBootStart(host)
}
