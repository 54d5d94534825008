import { DistributionError } from '../../errors.ts'

export function invalidAuthFile(path: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_CREDENTIALS_INVALID', `cannot read credentials from ${path}: ${reason}`, { cause, details: { path } })
}
