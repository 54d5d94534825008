import type { ContainerResources, ContainerTuning, DeviceThrottle } from '@podwright/contracts'
import { CliError } from '../../errors.ts'
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
    cpuRealtimePeriodMicros: flags['cpu-rt-period'] || undefined,
    cpuRealtimeRuntimeMicros: flags['cpu-rt-runtime'] || undefined,
    blockWeight: flags['blkio-weight'] || undefined,
    blockDeviceWeights: weights(flags['blkio-weight-device']),
    deviceThrottles: throttles(flags),
    unified: unifiedOf(flags['cgroup-conf']),
    oomKillDisable: flags['oom-kill-disable'] === true ? true : undefined,
  }
  const given = Object.entries(asked).filter(([, value]) => value !== undefined)
  return given.length === 0 ? {} : { resources: Object.fromEntries(given) }
}

function unifiedOf(texts: readonly string[] = []): Readonly<Record<string, string>> | undefined {
  if (texts.length === 0) return undefined
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([\w-]+\.[\w.-]+)=(.+)$/s.exec(text) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw new CliError(
        'ERR_CLI_FLAG_VALUE',
        `invalid value "${text}" for --cgroup-conf: it is not FILE=VALUE, as memory.high=1073741824`,
        {
          details: { flag: '--cgroup-conf', value: text },
        },
      )
    }),
  )
}

function size(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : readSize(flag, text) || undefined
}

const throttleKinds = ['read-bps', 'write-bps', 'read-iops', 'write-iops'] as const

function throttles(flags: Partial<TuningFlagValues>): readonly DeviceThrottle[] | undefined {
  const all = throttleKinds.flatMap((kind) =>
    (flags[`device-${kind}`] ?? []).map((text): DeviceThrottle => {
      const [device, value] = deviceValue(`--device-${kind}`, text)
      return { device, kind, rate: kind.endsWith('bps') ? readSize(`--device-${kind}`, value) : wholeNumber(`--device-${kind}`, value) }
    }),
  )
  return all.length === 0 ? undefined : all
}

function weights(texts: readonly string[] = []): Readonly<Record<string, number>> | undefined {
  if (texts.length === 0) return undefined
  const flag = '--blkio-weight-device'
  return Object.fromEntries(
    texts.map((text) => {
      const [device, value] = deviceValue(flag, text)
      return [device, wholeNumber(flag, value)]
    }),
  )
}

function deviceValue(flag: string, text: string): readonly [device: string, value: string] {
  const at = text.lastIndexOf(':')
  if (at > 0 && text.startsWith('/')) return [text.slice(0, at), text.slice(at + 1)]
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${flag}: it is not PATH:NUMBER`, { details: { flag, value: text } })
}

function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${flag}: it is no whole number above 0`, {
    details: { flag, value: text },
  })
}
