import type { UplinkTarget } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { runTool } from '@podwright/linux'
import { readFileSync, rmSync } from 'node:fs'
import { pastaPidFile, recordUplink } from './uplink-record.ts'

/** What pasta is told besides the defaults of this package. */
export interface PastaOptions extends AbortOptions {
  readonly path: string
  /** The gateway's address leads to the host's loopback. */
  readonly hostLoopback: boolean
  /** An address inside that leads to the host's resolver. */
  readonly dnsForward: string | undefined
}

/** By default every port that is bound on either side is forwarded to the other: the host's loopback would be open to the container. */
const noForwarding = ['--tcp-ports=none', '--udp-ports=none', '--tcp-ns=none', '--udp-ns=none'] as const

/**
 * Starts pasta for the namespace of a process, and resolves with its pid once the namespace is set up; it has gone into the background by itself.
 *
 * It runs outside of our namespaces and joins those of the process: inside, it could neither see the host's resolv.conf as it changes nor survive
 * the pause process.
 */
export async function startPasta(target: UplinkTarget, { path, hostLoopback, dnsForward, signal }: PastaOptions): Promise<number> {
  const pidFile = pastaPidFile(target.directory)
  const args = [
    '--config-net',
    '--quiet',
    `--pid=${pidFile}`,
    ...noForwarding,
    ...(hostLoopback ? [] : ['--no-map-gw']),
    ...(dnsForward === undefined ? [] : ['--dns-forward', dnsForward]),
    String(target.pid),
  ]
  await runTool(path, args, { signal })
  const pid = Number(readFileSync(pidFile, 'latin1').trim())
  recordUplink(target.directory, pid)
  rmSync(pidFile, { force: true })
  return pid
}
