import type { Engine } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagValues } from '../command-line/flags.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { absolute, accessFlags } from '../images/registry-flags.ts'
import { askFor, readStandardInput } from '../terminal/ask.ts'

const loginFlags = {
  authfile: { kind: 'text', value: 'FILE', description: 'File to keep the credentials in, in the form of auth.json' },
  'cert-dir': accessFlags['cert-dir'],
  'get-login': { kind: 'boolean', description: 'Print the name that one is logged in by' },
  password: { kind: 'text', short: 'p', description: 'Password; others on this host can read command lines' },
  'password-stdin': { kind: 'boolean', description: 'Read the password from stdin' },
  secret: {
    kind: 'text',
    value: 'NAME',
    description: 'Take the password from this secret; the user is called like it unless --username is given',
  },
  'tls-verify': { kind: 'boolean', description: 'Insist on HTTPS with a trusted certificate', defaultText: 'true' },
  username: { kind: 'text', short: 'u', description: 'User name' },
  verbose: { kind: 'boolean', short: 'v', description: 'Say where the credentials are kept' },
} as const

type LoginFlags = FlagValues<typeof loginFlags>

const defaultRegistry = 'docker.io'

/** `podwright login` */
export const login: Command = defineCommand({
  name: 'login',
  usage: '[options] [REGISTRY]',
  summary: 'Log in at a registry',
  description:
    'Without a registry, docker.io is meant. What is not given is asked for on the terminal; the password is not shown. The credentials are tried, then kept by the credential helper that is configured, else in auth.json.',
  flags: loginFlags,
  arguments: { minimum: 0, maximum: 1 },
  examples: [
    'login registry.example.com',
    'login -u alice --password-stdin registry.example.com',
    'login --get-login registry.example.com',
  ],
  async run(context, { flags, args }) {
    const registry = bareRegistry(args[0] ?? defaultRegistry)
    const authFile = flags.authfile === undefined ? undefined : absolute(flags.authfile)
    const engine = await context.engine()
    const current = await engine.registries.loggedInAs(registry, { authFile })
    if (flags['get-login'] === true) return printLogin(context, registry, current)
    const { username, password } =
      flags.secret === undefined ? await credentials(context, flags, current) : await fromSecret(engine, flags, flags.secret)
    const { kept, checked } = await logIn(engine, registry, {
      username,
      password,
      authFile,
      ...(flags['cert-dir'] !== undefined && flags['cert-dir'] !== '' && { certificateDirectory: absolute(flags['cert-dir']) }),
      tlsVerify: flags['tls-verify'],
      signal: context.signals.signal,
    })
    if (flags.verbose === true) context.stdout.write(`Kept in ${kept.in === 'file' ? kept.path : `the credential helper ${kept.name}`}\n`)
    if (!checked)
      context.stderr.write(`The registry ${registry} lets anybody in, so that nobody can tell whether these credentials are right.\n`)
    context.stdout.write('Login Succeeded!\n')
    return 0
  },
})

function logIn(
  engine: Engine,
  registry: string,
  options: Parameters<Engine['registries']['login']>[1],
): ReturnType<Engine['registries']['login']> {
  return engine.registries.login(registry, options)
}

/** As people copy it out of a browser. */
function bareRegistry(typed: string): string {
  return typed.replace(/^(?:https?|docker):\/\//, '').replace(/\/+$/, '')
}

function printLogin({ stdout }: CommandContext, registry: string, username: string | undefined): number {
  if (username === undefined) {
    throw new CliError('ERR_CLI_NOT_FOUND', `not logged in at ${registry}`, { hint: `podwright login ${registry}` })
  }
  stdout.write(`${username}\n`)
  return 0
}

/** A line break at the end, as editors leave it, is no part of a password. */
async function fromSecret(
  engine: Engine,
  flags: LoginFlags,
  secret: string,
): Promise<{ readonly username: string; readonly password: string }> {
  if (flags.password !== undefined || flags['password-stdin'] === true) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', '--secret and --password each say the password: give one of them')
  }
  const password = Buffer.from(await engine.secrets.reveal(secret))
    .toString()
    .replace(/\r?\n$/, '')
  return { username: flags.username ?? secret, password }
}

async function credentials(
  context: CommandContext,
  flags: LoginFlags,
  current: string | undefined,
): Promise<{ readonly username: string; readonly password: string }> {
  if (flags['password-stdin'] === true) {
    if (flags.password !== undefined)
      throw new CliError('ERR_CLI_FLAG_CONFLICT', '--password and --password-stdin say the same: give one of them')
    if (flags.username === undefined) throw new CliError('ERR_CLI_FLAG_VALUE', '--password-stdin needs --username: stdin is taken')
    return { username: flags.username, password: await readStandardInput(context) }
  }
  if (flags.password !== undefined) {
    context.stderr.write('Warning: a password on the command line can be read by others on this host; use --password-stdin\n')
  }
  if ((flags.username === undefined || flags.password === undefined) && !context.stdin.isTerminal) {
    throw new CliError('ERR_CLI_ARGUMENTS', 'there is no terminal to ask for the user name and the password on', {
      hint: 'Give --username and --password-stdin.',
    })
  }
  const shown = current === undefined ? '' : ` (${current})`
  const username = flags.username ?? ((await askFor(context, `Username${shown}: `)) || current || '')
  if (username === '') throw new CliError('ERR_CLI_ARGUMENTS', 'the user name is empty')
  const password = flags.password ?? (await askFor(context, 'Password: ', { hidden: true }))
  return { username, password }
}
