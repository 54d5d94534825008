import type { ContainerDevice, ContainerKernelOptions, ContainerTuning } from '@podwright/contracts'
import { isDeviceName } from '@podwright/cdi'
import { CliError } from '../../errors.ts'
import { readGpus } from './gpus.ts'
import { readNamespaces } from './namespaces.ts'
import { readUserNamespace } from './user-namespace.ts'
import { readSize } from './size-flag.ts'
import type { TuningFlagValues } from './uses-tuning.ts'

/**
 * `--shm-size`, `--shm-size-systemd`, `--sysctl`, devices and namespaces.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readKernel(flags: TuningFlagValues): ContainerKernelOptions & Pick<ContainerTuning, 'cgroupParent' | 'rdtClass'> {
  const { sysctl } = flags
  const described = flags.device.filter(isDeviceName)
  const device = flags.device.filter((text) => !isDeviceName(text))
  const rules = flags['device-cgroup-rule']
  return {
    ...checkCgroups(flags.cgroups),
    ...(flags['cgroup-parent'] !== undefined && flags['cgroup-parent'] !== '' && { cgroupParent: flags['cgroup-parent'] }),
    ...(flags['rdt-class'] !== undefined && flags['rdt-class'] !== '' && { rdtClass: flags['rdt-class'] }),
    ...(flags['read-only-tmpfs'] !== undefined && { readOnlyTmpfs: flags['read-only-tmpfs'] }),
    ...(flags['shm-size'] !== undefined && { shmSizeBytes: readSize('--shm-size', flags['shm-size']) }),
    ...(flags['shm-size-systemd'] !== undefined && {
      systemdShmSizeBytes: readSize('--shm-size-systemd', flags['shm-size-systemd']),
    }),
    ...(sysctl.length > 0 && { sysctls: Object.fromEntries(sysctl.map(readSysctl)) }),
    ...(device.length > 0 && { devices: device.map(readDevice) }),
    ...(described.length > 0 && { cdiDevices: described }),
    ...(flags.gpus.length > 0 && { gpus: flags.gpus.map(readGpus) }),
    ...(rules.length > 0 && { deviceRules: rules }),
    ...readUserNamespace(flags),
    ...readNamespaces(flags),
  }
}

/** Two of podman's modes are how it is. */
function checkCgroups(mode: string | undefined): object {
  if (mode === undefined || mode === '' || mode === 'enabled' || mode === 'no-conmon') return {}
  if (mode === 'split') {
    const reason = 'it divides the control group of a unit of systemd, and podwright takes none over'
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --cgroups split: ${reason}`, {
      hint: 'It is enabled or no-conmon; --cgroup-parent says below which group the container has its own.',
    })
  }
  if (mode === 'disabled') {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --cgroups ${mode}: podwright does not have it yet`, {
      hint: 'It is enabled or no-conmon.',
    })
  }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${mode}" for --cgroups: it is enabled or no-conmon`, {
    details: { flag: '--cgroups', value: mode },
  })
}

function readSysctl(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --sysctl: it is not NAME=VALUE`)
}

/** `SOURCE`, `SOURCE:TARGET`, `SOURCE:ACCESS`, `SOURCE:TARGET:ACCESS`. */
function readDevice(text: string): ContainerDevice {
  const [source = '', second, third, ...rest] = text.split(':')
  const isAccess = (word: string): boolean => /^[rwm]{1,3}$/.test(word)
  const target = second !== undefined && !(third === undefined && isAccess(second)) ? second : undefined
  const access = third ?? (target === undefined ? second : undefined)
  if (
    rest.length > 0 ||
    !source.startsWith('/') ||
    (target !== undefined && !target.startsWith('/')) ||
    (access !== undefined && !isAccess(access))
  ) {
    throw new CliError(
      'ERR_CLI_FLAG_VALUE',
      `invalid value "${text}" for --device: it is not PATH, PATH:PATH or PATH:PATH:rwm, nor a name as vendor.com/class=name`,
    )
  }
  return { source, ...(target !== undefined && { target }), ...(access !== undefined && { access }) }
}
