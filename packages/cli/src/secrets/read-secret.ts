import type { ContainerSecret } from '@podwright/contracts'
import { CliError } from '../errors.ts'

const defaultMode = 0o444

/**
 * Reads `--secret`: `NAME`, and fields `name=value` between commas, as podman has it; `source=NAME` and `src=NAME`, as docker.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function readSecret(text: string): ContainerSecret {
  const fields = new Map<string, string>()
  for (const [at, field] of text.split(',').entries()) {
    const equals = field.indexOf('=')
    if (equals < 0 && at > 0) throw invalid(text, `"${field}" is not NAME=VALUE`)
    const name = equals < 0 ? 'source' : field.slice(0, equals) === 'src' ? 'source' : field.slice(0, equals)
    if (!known.includes(name)) throw invalid(text, `"${name}" is not known`)
    if (fields.has(name)) throw invalid(text, `${name} is given twice`)
    fields.set(name, equals < 0 ? field : field.slice(equals + 1))
  }
  const secret = fields.get('source') ?? ''
  if (secret === '') throw invalid(text, 'it names no secret')
  const type = fields.get('type') ?? 'mount'
  if (type !== 'mount' && type !== 'env') throw invalid(text, `its type is mount or env, not "${type}"`)
  const ofFile = ['uid', 'gid', 'mode'].find((name) => fields.has(name))
  if (type === 'env' && ofFile !== undefined) throw invalid(text, `a variable has no ${ofFile}`)
  return {
    secret,
    ...(type === 'env' && { type }),
    ...(fields.has('target') && { target: fields.get('target') }),
    ...(fields.has('uid') && { uid: number(text, fields, 'uid', 10) }),
    ...(fields.has('gid') && { gid: number(text, fields, 'gid', 10) }),
    ...(fields.has('mode') && { mode: number(text, fields, 'mode', 8) }),
  }
}

const known = ['source', 'type', 'target', 'uid', 'gid', 'mode']

function number(text: string, fields: ReadonlyMap<string, string>, name: string, radix: 8 | 10): number {
  const value = fields.get(name) ?? ''
  const form = radix === 8 ? /^0?[0-7]{1,4}$/ : /^\d{1,10}$/
  if (!form.test(value)) throw invalid(text, `"${value}" is no ${name}`)
  return Number.parseInt(value, radix)
}

function invalid(text: string, reason: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `cannot read --secret ${text}: ${reason}`, {
    hint: 'It is NAME[,type=mount|env][,target=PLACE][,uid=UID][,gid=GID][,mode=MODE]',
  })
}

/** As `--secret` takes it. */
export function secretText({ secret, type, target, uid, gid, mode }: ContainerSecret): string {
  const field = (name: string, value: string | number | undefined): readonly string[] => (value === undefined ? [] : [`${name}=${value}`])
  return [
    secret,
    ...field('type', type === 'env' ? 'env' : undefined),
    ...field('target', target === secret ? undefined : target),
    ...field('uid', uid),
    ...field('gid', gid),
    ...field('mode', mode?.toString(8).padStart(4, '0')),
  ].join(',')
}

/** A container's secret in `inspect`, as podman has it. */
export function secretRecord({ secret, uid, gid, mode }: ContainerSecret): object {
  return { Name: secret, UID: uid ?? 0, GID: gid ?? 0, Mode: mode ?? defaultMode }
}
