import { type CdiDevices, CdiError, isDeviceName } from '@podwright/cdi'
import type { GpuRequest } from '@podwright/contracts'
import { invalid } from '../tuning/invalid.ts'

/** The kinds of devices that are GPUs, by what `driver` calls them; the first that there is, where nobody says. */
const kindOfDriver: Readonly<Record<string, string>> = { nvidia: 'nvidia.com/gpu', amd: 'amd.com/gpu', intel: 'intel.com/gpu' }

/** What a driver can be asked for; a device described by its vendor always has all of it. */
const capabilities = new Set(['gpu', 'nvidia', 'amd', 'compute', 'compat32', 'graphics', 'utility', 'video', 'display', 'ngx'])

const makers: Readonly<Record<string, string>> = {
  nvidia:
    'For those of NVIDIA, install the NVIDIA Container Toolkit, and run as root: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml',
  amd: 'For those of AMD, install the AMD Container Toolkit, and run as root: amd-ctk cdi generate --output=/etc/cdi/amd.json',
}

/** @throws `ERR_CONTAINER_OPTION_INVALID` for what no host could give */
export function checkGpus(requests: readonly GpuRequest[]): void {
  for (const { driver = '', count, deviceIds, capabilities: asked = [] } of requests) {
    if (driver !== '' && driver !== 'cdi' && !Object.hasOwn(kindOfDriver, driver)) {
      throw invalid(
        `there is no driver "${driver}" for GPUs`,
        `It is ${Object.keys(kindOfDriver).join(', ')}, or cdi with full names of devices.`,
      )
    }
    if (count !== undefined && deviceIds !== undefined) throw invalid('cannot ask for a number of GPUs and for certain ones at once')
    if (count !== undefined && count !== 'all' && !(Number.isSafeInteger(count) && count > 0))
      throw invalid(`${count} is no number of GPUs`)
    if (driver === 'cdi' && !(deviceIds?.every(isDeviceName) ?? false)) {
      throw invalid('the driver cdi needs full names of devices', 'As in: --gpus driver=cdi,device=nvidia.com/gpu=0')
    }
    const unknown = asked.find((name) => !capabilities.has(name))
    if (unknown !== undefined) throw invalid(`there is no capability "${unknown}" of GPUs`, `There are ${[...capabilities].join(', ')}.`)
  }
}

/** The full names of the devices that are asked for. @throws CdiError `ERR_CDI_DEVICE_NOT_FOUND` where there is no GPU at all */
export function gpuNames(requests: readonly GpuRequest[], devices: CdiDevices): readonly string[] {
  return requests.flatMap((request) => {
    const { driver = '', count = 1, deviceIds } = request
    if (driver === 'cdi') return deviceIds ?? []
    const kind = kindFor(driver, devices)
    if (deviceIds !== undefined) return deviceIds.map((id) => `${kind}=${id}`)
    return count === 'all' ? allOf(kind, devices) : Array.from({ length: count }, (_, index) => `${kind}=${index}`)
  })
}

function kindFor(driver: string, { found, directories, problems }: CdiDevices): string {
  const has = (kind: string): boolean => found.some(({ name }) => name.startsWith(`${kind}=`))
  const candidates = driver === '' ? Object.values(kindOfDriver) : [kindOfDriver[driver] ?? '']
  const kind = candidates.find(has)
  if (kind !== undefined) return kind
  const hints = driver === '' ? Object.values(makers) : [makers[driver]].filter((hint) => hint !== undefined)
  const broken = problems.slice(0, 3).map(({ path, message }) => `${path} is left out: ${message}.`)
  throw new CdiError(
    'ERR_CDI_DEVICE_NOT_FOUND',
    `cannot find a GPU: no spec in ${directories.join(', ')} has one of ${candidates.join(', ')}`,
    {
      hint: [...broken, ...hints].join(' '),
      details: { names: candidates, directories },
    },
  )
}

/** Vendors' tools describe all of them as one device. */
function allOf(kind: string, { found }: CdiDevices): readonly string[] {
  const names = found.map(({ name }) => name).filter((name) => name.startsWith(`${kind}=`))
  return names.includes(`${kind}=all`) ? [`${kind}=all`] : names
}
