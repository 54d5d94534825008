import type { GpuRequest } from '@podwright/contracts'
import { CliError } from '../../errors.ts'
import { csvField, csvFields } from '../csv-fields.ts'

/**
 * `--gpus`, as docker has it: `all`, a number, or fields as in `device=0,driver=nvidia`; as podman has it, the name of one.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readGpus(text: string): GpuRequest {
  const fields = csvFields(text)
  if (text.trim() === '') throw wrong(text, "it is not all, a number, or fields as in 'device=0,driver=nvidia'")
  const [first = ''] = fields
  if (fields.length === 1 && !first.includes('='))
    return /^(all|-?\d+)$/.test(first) ? { count: readCount(text, first) } : { deviceIds: [first] }
  const request: { driver?: string; count?: number | 'all'; deviceIds?: readonly string[]; capabilities?: readonly string[] } = {}
  const seen = new Set<string>()
  let last = ''
  for (const field of fields) {
    const at = field.indexOf('=')
    // Unquoted, the second of `device=0,1` is a field of its own.
    const goesOn = at === -1 && last === 'device'
    const key = at === -1 ? (goesOn ? 'device' : 'count') : field.slice(0, at)
    const value = field.slice(at + 1)
    if (seen.has(key) && !goesOn) throw wrong(text, `${key} is in it twice`)
    seen.add(key)
    last = key
    if (key === 'device') request.deviceIds = [...(request.deviceIds ?? []), ...names(text, value)]
    else if (key === 'count') request.count = readCount(text, value)
    else if (key === 'driver') request.driver = value
    else if (key === 'capabilities') request.capabilities = names(text, value)
    else throw unknownField(text, key)
  }
  return request
}

function unknownField(text: string, key: string): CliError {
  if (key !== 'options') return wrong(text, `it has the field ${key}, not one of device, count, driver, capabilities`)
  return new CliError('ERR_CLI_NOT_SUPPORTED', 'cannot honour options in --gpus: a device as its vendor describes it has none')
}

/** What `readGpus` makes such a request of. */
export function gpusWord({ driver, count, deviceIds, capabilities }: GpuRequest): string {
  const field = (key: string, value: string): string => csvField(`${key}=${value}`)
  const fields = [
    ...(driver === undefined ? [] : [field('driver', driver)]),
    ...(count === undefined ? [] : [field('count', String(count))]),
    ...(deviceIds === undefined ? [] : [field('device', deviceIds.join(','))]),
    ...(capabilities === undefined ? [] : [field('capabilities', capabilities.join(','))]),
  ]
  return fields.length === 1 && count !== undefined ? String(count) : fields.join(',')
}

/** Docker says -1 for all. */
function readCount(text: string, word: string): number | 'all' {
  if (word === 'all' || word === '-1') return 'all'
  const count = Number(word)
  if (/^\d+$/.test(word) && Number.isSafeInteger(count) && count > 0) return count
  throw wrong(text, `${JSON.stringify(word)} is no number of GPUs`)
}

function names(text: string, list: string): readonly string[] {
  const all = list.split(',')
  if (all.some((name) => name === '')) throw wrong(text, 'a name in it is empty')
  return all
}

function wrong(text: string, reason: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --gpus: ${reason}`, { details: { flag: '--gpus', value: text } })
}
