import type { Engine } from '@podwright/contracts'
import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { openTransferReport } from './transfer-report.ts'
import { loadWords, saveWords } from './transfer-words.ts'

/** An image, and the host at the other end. */
export interface SshTransfer {
  readonly host: string
  readonly image: string
  readonly quiet: boolean
}

/** Engines that may be at the other end, the first that is there; all of them load and save docker's archives. */
const engines = ['podwright', 'podman', 'docker'] as const

/** Sends an image to another host. */
export async function saveOverSsh(context: CommandContext, engine: Engine, { host, image, quiet }: SshTransfer): Promise<number> {
  const { signal } = context.signals
  await using remote = await openRemote(context, host, ['load'])
  const said = textOf(remote.stdout)
  using report = openTransferReport(context, quiet, saveWords)
  // Who can't load ends before it has read; its own words then say why.
  await engine.images
    .save([{ reference: image }], remote.stdin, { signal, onProgress: report.onProgress })
    .catch(async (error: unknown) => {
      await remote.ended()
      throw error
    })
  remote.stdin.end()
  await remote.ended()
  context.stdout.write(await said)
  return 0
}

/** Fetches an image from another host. */
export async function loadOverSsh(context: CommandContext, engine: Engine, { host, image, quiet }: SshTransfer): Promise<number> {
  const { signal } = context.signals
  await using remote = await openRemote(context, host, ['save', image])
  remote.stdin.end()
  using report = openTransferReport(context, quiet, loadWords)
  const loaded = await engine.images.load(remote.stdout, { signal, onProgress: report.onProgress }).catch(async (error: unknown) => {
    await remote.ended()
    throw error
  })
  await remote.ended()
  context.stdout.write(loaded.flatMap(({ names }) => names.map((name) => `Loaded image: ${name}\n`)).join(''))
  return 0
}

/** An engine at the other end. Disposing it hangs up. */
interface Remote extends AsyncDisposable {
  readonly stdin: Writable
  readonly stdout: Readable
  /** @throws CliError `ERR_CLI_SSH` unless it ended well */
  ended(): Promise<void>
}

async function openRemote(context: CommandContext, host: string, words: readonly string[]): Promise<Remote> {
  if (host === '' || host.startsWith('-')) throw new CliError('ERR_CLI_ARGUMENTS', `"${host}" is no host for ssh`)
  const { spawn } = await import('node:child_process')
  const command = `for e in ${engines.join(' ')}; do command -v $e >/dev/null 2>&1 && exec $e ${words.map(quoted).join(' ')}; done; echo "there is none of ${engines.join(', ')}" >&2; exit 127`
  const child = spawn('ssh', ['--', host, command], { stdio: ['pipe', 'pipe', 'inherit'], signal: context.signals.signal })
  const end = endOf(child, host)
  // Whoever waits for its end sees the failure; a broken pipe says nothing more.
  end.catch(() => undefined)
  child.stdin.on('error', () => undefined)
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended: () => end,
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await end.catch(() => undefined)
    },
  }
}

function endOf(child: ChildProcess, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new CliError('ERR_CLI_SSH', `cannot run ssh to ${host}: ${cause.message}`, { cause })))
    child.once('close', (code) => {
      if (code === 0) return resolve()
      reject(
        new CliError('ERR_CLI_SSH', `the other side, ${host}, ended with exit status ${code ?? 'of a signal'}`, {
          details: { host, code },
        }),
      )
    })
  })
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w.:@/+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString()
}
