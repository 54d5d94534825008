import { CliError } from '../errors.ts'
import { readNamedFile } from './files.ts'

/** Variables of the host. */
type HostEnvironment = Readonly<Record<string, string | undefined>>

/** The variables that proxies are set by. */
const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY']

/** The variables of this host that a container gets unasked: its proxies, as with podman, unless `--http-proxy=false`; all of them with `--env-host`. */
export function handedOnEnvironment(
  flags: { readonly 'env-host': boolean | undefined; readonly 'http-proxy': boolean | undefined },
  host: HostEnvironment,
): Readonly<Record<string, string>> {
  const names = flags['env-host'] === true ? Object.keys(host) : flags['http-proxy'] === false ? [] : proxies
  const variables: Record<string, string> = {}
  for (const name of names) {
    const value = host[name]
    if (value !== undefined) setOwn(variables, name, value)
  }
  return variables
}

/**
 * The variables that `--env-file` and then `--env` set. A name without a value has the one it has here, and is left out when it has none, as
 * docker does.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FILE`
 */
export async function readEnvironment(
  flags: { readonly env: readonly string[]; readonly 'env-file': readonly string[] },
  host: HostEnvironment,
): Promise<Readonly<Record<string, string>>> {
  const variables: Record<string, string> = {}
  for (const path of flags['env-file']) {
    for (const line of linesOf(await readNamedFile('--env-file', path))) setVariable(variables, line, { host, source: path })
  }
  for (const text of flags.env) setVariable(variables, text, { host, source: '--env' })
  return variables
}

/**
 * The labels that `--label-file` and then `--label` set. One without a value is empty.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FILE`
 */
export async function readLabels(flags: {
  readonly label: readonly string[]
  readonly 'label-file': readonly string[]
}): Promise<Readonly<Record<string, string>>> {
  const labels: Record<string, string> = {}
  for (const path of flags['label-file']) {
    for (const line of linesOf(await readNamedFile('--label-file', path))) setLabel(labels, line, path)
  }
  for (const text of flags.label) setLabel(labels, text, '--label')
  return labels
}

function setVariable(
  variables: Record<string, string>,
  text: string,
  { host, source }: { readonly host: HostEnvironment; readonly source: string },
): void {
  const { name, value } = splitPair(text)
  if (name === '' || /\s/.test(name)) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid environment variable "${text}" in ${source}: its name is empty or has white space`)
  }
  const found = value ?? host[name]
  if (found !== undefined) setOwn(variables, name, found)
}

function setLabel(labels: Record<string, string>, text: string, source: string): void {
  const { name, value } = splitPair(text)
  if (name === '') throw new CliError('ERR_CLI_FLAG_VALUE', `invalid label "${text}" in ${source}: its name is empty`)
  setOwn(labels, name, value ?? '')
}

/** As an assignment, also for `__proto__`. */
function setOwn(record: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true })
}

function splitPair(text: string): { readonly name: string; readonly value: string | undefined } {
  const at = text.indexOf('=')
  return at < 0 ? { name: text, value: undefined } : { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** Without comments, empty lines, a byte order mark and leading white space; values are not unquoted, as in docker's env files. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
