import type { ContainerResources, ContainerTuning } from '@podwright/contracts'
import { readSize } from './size-flag.ts'
import type { TuningFlagValues } from './uses-tuning.ts'

/**
 * The limits by control groups. As with docker and podman, 0 asks for none; the engine checks what is possible.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function readResources(flags: Partial<TuningFlagValues>): Pick<ContainerTuning, 'resources'> {
  const swappiness = flags['memory-swappiness']
  const pids = flags['pids-limit']
  const asked: ContainerResources = {
    memoryBytes: size('--memory', flags.memory),
    memorySwapBytes: flags['memory-swap'] === '-1' ? -1 : size('--memory-swap', flags['memory-swap']),
    memoryReservationBytes: size('--memory-reservation', flags['memory-reservation']),
    memorySwappiness: swappiness === -1 ? undefined : swappiness,
    cpus: flags.cpus || undefined,
    cpuShares: flags['cpu-shares'] || undefined,
    cpuQuotaMicros: flags['cpu-quota'] || undefined,
    cpuPeriodMicros: flags['cpu-period'] || undefined,
    cpusetCpus: flags['cpuset-cpus'] || undefined,
    cpusetMems: flags['cpuset-mems'] || undefined,
    pidsLimit: pids === undefined ? undefined : pids <= 0 ? -1 : pids,
    blockWeight: flags['blkio-weight'] || undefined,
    oomKillDisable: flags['oom-kill-disable'] === true ? true : undefined,
  }
  const given = Object.entries(asked).filter(([, value]) => value !== undefined)
  return given.length === 0 ? {} : { resources: Object.fromEntries(given) }
}

function size(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : readSize(flag, text) || undefined
}
