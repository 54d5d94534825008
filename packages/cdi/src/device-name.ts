import { CdiError } from './errors.ts'

/** A device's full name, `vendor.com/class=name` (SPEC.md, "Kind" and "CDI Devices"). */
export interface DeviceName {
  readonly vendor: string
  readonly class: string
  /** Among the devices of its kind. */
  readonly name: string
}

/** `vendor.com/class` */
export type DeviceKind = Omit<DeviceName, 'name'>

/** Whether text is the full name of a device. A path never is. */
export function isDeviceName(text: string): boolean {
  return typeof split(text) !== 'string'
}

/** @throws CdiError `ERR_CDI_NAME_INVALID` */
export function parseDeviceName(text: string): DeviceName {
  const found = split(text)
  if (typeof found !== 'string') return found
  throw new CdiError('ERR_CDI_NAME_INVALID', `${JSON.stringify(text)} is not the name of a device: ${found}`, {
    hint: 'It is vendor.com/class=name, as nvidia.com/gpu=0.',
  })
}

/** `vendor.com/class=name` */
export function formatDeviceName({ vendor, class: className, name }: DeviceName): string {
  return `${vendor}/${className}=${name}`
}

/** The parts of a kind, or why text is none. */
export function splitKind(text: string): DeviceKind | string {
  const slash = text.indexOf('/')
  if (slash === -1) return 'it has no /, which stands between vendor and class'
  const vendor = text.slice(0, slash)
  const className = text.slice(slash + 1)
  return mistakeInWord('vendor', vendor) ?? mistakeInWord('class', className) ?? { vendor, class: className }
}

/** Why text is no name of a device among those of its kind. */
export function mistakeInName(name: string): string | undefined {
  if (name === '') return 'the name is empty'
  if (/^[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$/.test(name)) return undefined
  return `the name ${JSON.stringify(name)} is not of letters, digits, and _ - . : between them`
}

function split(text: string): DeviceName | string {
  const equals = text.indexOf('=')
  if (equals === -1) return 'it has no =, which stands before the name'
  const kind = splitKind(text.slice(0, equals))
  if (typeof kind === 'string') return kind
  const name = text.slice(equals + 1)
  return mistakeInName(name) ?? { ...kind, name }
}

function mistakeInWord(what: string, word: string): string | undefined {
  if (word === '') return `the ${what} is empty`
  if (/^[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(word)) return undefined
  return `the ${what} ${JSON.stringify(word)} is not a letter, then letters, digits, and _ - . between them`
}
