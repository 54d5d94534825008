import type { PastaChoice, PublishedPort, UplinkTarget } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { runTool } from '@podwright/linux'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { pastaPidFile, recordUplink } from './uplink-record.ts'

/** What pasta is told besides the defaults of this package. */
export interface PastaOptions extends AbortOptions {
  readonly path: string
  /** The gateway's address leads to the host's loopback. */
  readonly hostLoopback: boolean
  /** An address inside that leads to the host's resolver. */
  readonly dnsForward: string | undefined
  /** Arguments that were asked for, in the place of those that say the same here. @default none */
  readonly own?: readonly string[] | undefined
}

/** By default every port that is bound on either side is forwarded to the other: the host's loopback would be open to the container. */
const nothingOut = ['--tcp-ns=none', '--udp-ns=none'] as const

/** What pasta(1) calls the same. */
const shortNames: Readonly<Record<string, string>> = { '-t': '--tcp-ports', '-u': '--udp-ports', '-T': '--tcp-ns', '-U': '--udp-ns' }

/** The long name of an argument's option, which stands in one word with its value, or before it. */
function nameOf(word: string): string {
  return word.startsWith('--') ? word.replace(/=.*/s, '') : (shortNames[word.slice(0, 2)] ?? word)
}

/** The address that these arguments have forwarded to the host's resolver. */
export function forwardedBy({ arguments: own = [] }: PastaChoice): string | undefined {
  const at = own.findIndex((word) => nameOf(word) === '--dns-forward')
  if (at < 0) return undefined
  return own[at]?.includes('=') === true ? own[at].replace(/^[^=]*=/, '') : own[at + 1]
}

/** All that pasta is told, without the namespace. */
export function pastaArguments(
  { ports }: Pick<UplinkTarget, 'ports'>,
  { hostLoopback, dnsForward, own = [] }: Pick<PastaOptions, 'hostLoopback' | 'dnsForward' | 'own'>,
): readonly string[] {
  const asked = new Set(own.map(nameOf))
  const unlessAsked = (words: readonly string[]): readonly string[] => (asked.has(nameOf(words[0] ?? '')) ? [] : words)
  // It maps the gateway by itself: older ones have no word for that.
  const mapsGateway = hostLoopback || asked.has('--map-gw') || asked.has('--no-map-gw')
  return [
    '--config-net',
    '--quiet',
    ...own.filter((word) => word !== '--map-gw' && word !== '--config-net' && word !== '--quiet' && word !== '-q'),
    ...published('tcp', ports, asked),
    ...published('udp', ports, asked),
    ...nothingOut.flatMap((word) => unlessAsked([word])),
    ...(mapsGateway ? [] : ['--no-map-gw']),
    ...(dnsForward === undefined ? [] : unlessAsked(['--dns-forward', dnsForward])),
  ]
}

/** What is published goes with what is asked for besides; only `none` stands alone. */
function published(protocol: 'tcp' | 'udp', ports: readonly PublishedPort[] | undefined, asked: ReadonlySet<string>): readonly string[] {
  const words = forwarding(protocol, ports)
  return asked.has(`--${protocol}-ports`) && words[0] === `--${protocol}-ports=none` ? [] : words
}

/**
 * Starts pasta for the namespace of a process, and resolves with its pid once the namespace is set up; it has gone into the background by itself.
 *
 * It runs outside of our namespaces and joins those of the process: inside, it could neither see the host's resolv.conf as it changes nor survive
 * the pause process.
 */
export async function startPasta(target: UplinkTarget, { path, hostLoopback, dnsForward, own, signal }: PastaOptions): Promise<number> {
  const pidFile = pastaPidFile(target.directory)
  const args = [`--pid=${pidFile}`, ...pastaArguments(target, { hostLoopback, dnsForward, own })]
  await runPasta(path, args, target, signal)
  const pid = Number(readFileSync(pidFile, 'latin1').trim())
  recordUplink(target, pid)
  rmSync(pidFile, { force: true })
  return pid
}

/**
 * As root, of the host or of a user namespace, pasta gives up what it needs to join a namespace of another process before it has done so: it gets the
 * namespace as a descriptor. It stays root for that, shut in by its own mount and pid namespaces and its seccomp filter.
 */
async function runPasta(path: string, args: readonly string[], target: UplinkTarget, signal: AbortSignal | undefined): Promise<void> {
  const { pid, prefix = [] } = target
  const namespace = `/proc/${pid}/ns/net`
  const byDescriptor = [path, ...args, '--runas', '0:0', '--netns-only', '--netns', '/proc/self/fd/3']
  const [enter, ...words] = prefix
  if (enter !== undefined) {
    await runTool(enter, [...words, '/bin/sh', '-c', 'exec 3<"$1"; shift; exec "$@"', 'sh', namespace, ...byDescriptor], { signal })
  } else if (process.geteuid?.() === 0) {
    const descriptor = openSync(namespace, 'r')
    try {
      await runTool(path, byDescriptor.slice(1), { signal, descriptor })
    } finally {
      closeSync(descriptor)
    }
  } else {
    await runTool(path, [...args, String(pid)], { signal })
  }
}

/** pasta(1): `ADDRESS/FIRST-LAST:FIRST-LAST`, once for each mapping; `none` only alone. */
function forwarding(protocol: 'tcp' | 'udp', ports: readonly PublishedPort[] = []): readonly string[] {
  const mappings = ports.filter((port) => port.protocol === protocol).map((port) => `--${protocol}-ports=${mappingOf(port)}`)
  return mappings.length === 0 ? [`--${protocol}-ports=none`] : mappings
}

/** How pasta writes a mapping. */
export function mappingOf({ hostAddress, hostPort, containerPort, count = 1 }: PublishedPort): string {
  const range = (first: number): string => (count === 1 ? String(first) : `${first}-${first + count - 1}`)
  return `${hostAddress === undefined ? '' : `${hostAddress}/`}${range(hostPort)}:${range(containerPort)}`
}
