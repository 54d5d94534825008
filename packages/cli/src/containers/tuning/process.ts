import type { ContainerProcessOptions } from '@podwright/contracts'
import { CliError } from '../../errors.ts'
import type { TuningFlagValues } from './uses-tuning.ts'

/**
 * What the container's process is given.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`
 */
export function readProcess(flags: TuningFlagValues): ContainerProcessOptions {
  const { tz, timeout, pidfile, personality } = flags
  const monitorPidfile = flags['conmon-pidfile']
  const score = flags['oom-score-adj']
  if (timeout !== undefined && timeout < 0) throw invalid('--timeout', String(timeout), 'it is no number of seconds')
  if (score !== undefined && Math.abs(score) > 1000) throw invalid('--oom-score-adj', String(score), 'it is from -1000 to 1000')
  return {
    ...readGroups(flags['group-add']),
    ...(flags.umask !== undefined && { umask: readUmask(flags.umask) }),
    ...(score !== undefined && { oomScoreAdj: score }),
    ...(tz !== undefined && tz !== '' && { timeZone: tz }),
    ...(flags['unsetenv-all'] === true
      ? { unsetEnvironment: 'all' as const }
      : flags.unsetenv.length > 0 && { unsetEnvironment: flags.unsetenv }),
    ...(pidfile !== undefined && { pidFile: absolute(pidfile) }),
    ...(monitorPidfile !== undefined && { monitorPidFile: absolute(monitorPidfile) }),
    // As with podman, 0 is no limit.
    ...(timeout !== undefined && timeout > 0 && { timeLimitSeconds: timeout }),
    ...readInit(flags),
    ...readAccounts(flags),
    ...readNotify(flags.sdnotify),
    ...(flags.systemd !== undefined && { systemd: flags.systemd === 'always' ? 'always' : flags.systemd === 'true' }),
    ...(flags.requires.length > 0 && { requires: flags.requires }),
    ...(personality !== undefined && { personality: personality as NonNullable<ContainerProcessOptions['personality']> }),
  }
}

function readGroups(groups: readonly string[]): Pick<ContainerProcessOptions, 'additionalGroups' | 'keepGroups'> {
  if (groups.length === 0) return {}
  if (!groups.includes('keep-groups')) return { additionalGroups: groups }
  if (groups.length === 1) return { keepGroups: true }
  throw new CliError('ERR_CLI_FLAG_CONFLICT', "the '--group-add keep-groups' option is not allowed with any other --group-add options")
}

function readUmask(text: string): number {
  if (!/^[0-7]{1,4}$/.test(text) || Number.parseInt(text, 8) > 0o777) throw invalid('--umask', text, 'it is not an octal number up to 0777')
  return Number.parseInt(text, 8)
}

function readNotify(mode: string | undefined): Pick<ContainerProcessOptions, 'notify'> {
  if (mode === undefined || mode === '') return {}
  if (mode === 'container' || mode === 'conmon' || mode === 'healthy' || mode === 'ignore') return { notify: mode }
  throw invalid('--sdnotify', mode, 'it is container, conmon, healthy or ignore')
}

function readAccounts(flags: TuningFlagValues): Pick<ContainerProcessOptions, 'accounts' | 'passwdEntry' | 'groupEntry' | 'hostUsers'> {
  const [passwdEntry, groupEntry] = [flags['passwd-entry'], flags['group-entry']]
  return {
    ...(flags.passwd === false && { accounts: false }),
    ...(passwdEntry !== undefined && { passwdEntry: oneLine('--passwd-entry', passwdEntry) }),
    ...(groupEntry !== undefined && { groupEntry: oneLine('--group-entry', groupEntry) }),
    ...(flags.hostuser.length > 0 && { hostUsers: flags.hostuser }),
  }
}

function oneLine(flagName: string, text: string): string {
  if (text === '' || /[\r\n]/.test(text)) throw invalid(flagName, text, 'it is no line')
  return text
}

/** A path alone says enough, as with podman. */
function readInit(flags: TuningFlagValues): Pick<ContainerProcessOptions, 'init'> {
  const path = flags['init-path']
  if (path !== undefined && path !== '' && flags.init !== false) return { init: absolute(path) }
  return flags.init === true ? { init: true } : {}
}

function absolute(path: string): string {
  return process.getBuiltinModule('node:path').resolve(path)
}

function invalid(flag: string, value: string, reason: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${value}" for ${flag}: ${reason}`, { details: { flag, value } })
}
