import type { CdiDevices } from '@podwright/cdi'
import { expect, test } from 'vitest'
import { checkGpus, gpuNames } from '../../src/devices/gpu-names.ts'

/** What `gpuNames` looks at. */
const having = (...names: readonly string[]): CdiDevices => ({
  directories: ['/etc/cdi'],
  problems: names.length === 0 ? [{ path: '/etc/cdi/a.yaml', message: 'kind is missing' }] : [],
  found: names.map((name) => ({ name }) as CdiDevices['found'][number]),
  resolve: () => ({}),
})

test.for([
  [[{}], ['amd.com/gpu=0'], ['amd.com/gpu=0']],
  [[{}], ['amd.com/gpu=0', 'nvidia.com/gpu=0'], ['nvidia.com/gpu=0']],
  [[{ driver: 'amd' }], ['amd.com/gpu=0', 'nvidia.com/gpu=0'], ['amd.com/gpu=0']],
  [[{ count: 3 }], ['nvidia.com/gpu=0'], ['nvidia.com/gpu=0', 'nvidia.com/gpu=1', 'nvidia.com/gpu=2']],
  [[{ count: 'all' }], ['nvidia.com/gpu=0', 'nvidia.com/gpu=all'], ['nvidia.com/gpu=all']],
  [[{ count: 'all' }], ['intel.com/gpu=card0', 'intel.com/gpu=card1', 'v/c=a'], ['intel.com/gpu=card0', 'intel.com/gpu=card1']],
  [
    [{ deviceIds: ['a', 'b'] }, { driver: 'cdi', deviceIds: ['v/c=a'] }],
    ['nvidia.com/gpu=0'],
    ['nvidia.com/gpu=a', 'nvidia.com/gpu=b', 'v/c=a'],
  ],
] as const)('%j with %j: %j', ([requests, found, names]) => {
  checkGpus(requests)
  expect(gpuNames(requests, having(...found))).toEqual(names)
})

test('where there is none, what to do about it', () => {
  const error = expect.objectContaining({
    code: 'ERR_CDI_DEVICE_NOT_FOUND',
    message: 'cannot find a GPU: no spec in /etc/cdi has one of nvidia.com/gpu, amd.com/gpu, intel.com/gpu',
    hint: expect.stringMatching(
      /^\/etc\/cdi\/a\.yaml is left out: kind is missing\. .*nvidia-ctk cdi generate .*amd-ctk cdi generate /,
    ) as string,
  }) as Error
  expect(() => gpuNames([{}], having())).toThrow(error)
  const ofAmd = expect.objectContaining({ hint: expect.not.stringContaining('nvidia') as string }) as Error
  expect(() => gpuNames([{ driver: 'amd' }], having('nvidia.com/gpu=0'))).toThrow(ofAmd)
})

test.for([
  [{ driver: 'voodoo' }, 'there is no driver "voodoo" for GPUs'],
  [{ count: 1, deviceIds: ['0'] }, 'cannot ask for a number of GPUs and for certain ones at once'],
  [{ count: 0 }, '0 is no number of GPUs'],
  [{ driver: 'cdi', deviceIds: ['0'] }, 'the driver cdi needs full names of devices'],
  [{ driver: 'cdi' }, 'the driver cdi needs full names of devices'],
  [{ capabilities: ['compute', 'magic'] }, 'there is no capability "magic" of GPUs'],
] as const)('%j is refused: %s', ([request, reason]) => {
  expect(() => checkGpus([request])).toThrow(expect.objectContaining({ code: 'ERR_CONTAINER_OPTION_INVALID', message: reason }) as Error)
})
