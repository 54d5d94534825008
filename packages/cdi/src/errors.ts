import { PodwrightError } from '@podwright/conventions'

/** The codes of this package's errors, with their meaning. */
export const cdiErrorCodes = {
  ERR_CDI_NAME_INVALID: 'Text is not the name of a device: `vendor.com/class=name`. The message says which part of it is wrong.',
  ERR_CDI_SPEC_INVALID:
    'A spec is neither JSON nor YAML, or a field is missing, unknown or wrong. `details` has `path`, the place in the document.',
  ERR_CDI_DEVICE_NOT_FOUND:
    'No spec has the device, or two of one directory have it. `details` has `names`, those that were not found, and `directories`.',
  ERR_CDI_HOST_DEVICE:
    'A device node that a spec asks for is not on this host, or is another one than the spec says. `details` has `path`.',
} as const

/** An error of this package. */
export class CdiError extends PodwrightError<keyof typeof cdiErrorCodes> {}
