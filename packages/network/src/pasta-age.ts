import type { PublishedPort } from '@podwright/contracts'

/** The first version of pasta that answers a peer at once; versions are dates. */
const firstGood = 20_241_030

/**
 * Whether services that speak first (SMTP, FTP, MySQL) would wait for ever behind a pasta: versions before 2024_10_30 complete a TCP connection from any
 * other address than loopback's only once the peer has said something. What such a peer gets is slow, too: 0.1 Gbit/s where slirp4netns has 5.
 *
 * False for ports that only pasta can have at all, which are those on an IPv6 address.
 *
 * @param path of pasta; it is run when the ports make it matter
 */
export function leavesServicesWaiting(
  path: string,
  ports: readonly PublishedPort[],
  versionOf: (path: string) => string = askVersion,
): boolean {
  if (ports.some(({ hostAddress }) => hostAddress?.includes(':') === true)) return false
  const matters = ports.some(({ protocol, hostAddress }) => protocol === 'tcp' && hostAddress?.startsWith('127.') !== true)
  return matters && dateOf(versionOf(path)) < firstGood
}

/** Debian and Ubuntu put the date behind `0.0~git`, or leave it out; those that do were built before 2024. */
function dateOf(version: string): number {
  const [, year, month, day] = /(20\d\d)_?(\d\d)_?(\d\d)/.exec(version) ?? []
  return year === undefined ? 0 : Number(`${year}${month}${day}`)
}

function askVersion(path: string): string {
  // Not imported: who publishes nothing need not load it.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  return spawnSync(path, ['--version'], { encoding: 'utf8', env: {}, timeout: 5000 }).stdout?.split('\n', 1)[0] ?? ''
}
