/**
 * Container Device Interface: reads the device specs of vendors, resolves names, edits runtime configs.
 *
 * @packageDocumentation
 */
export { applyEdits, type ApplyOptions } from './apply-edits.ts'
export { type DeviceKind, type DeviceName, formatDeviceName, isDeviceName, parseDeviceName } from './device-name.ts'
export type { CdiDevices, CdiProblem, FoundDevice } from './devices.ts'
export { CdiError, cdiErrorCodes } from './errors.ts'
export { defaultSpecDirectories, loadDevices, type LoadOptions } from './load-devices.ts'
export { parseSpec, readSpec } from './parse-spec.ts'
export {
  type CdiDevice,
  type CdiDeviceNode,
  type CdiHook,
  type CdiIntelRdt,
  type CdiMount,
  type CdiNetDevice,
  type CdiSpec,
  type ContainerEdits,
  hookNames,
} from './spec.ts'
