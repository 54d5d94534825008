import { type DistributionFamily, readDistribution } from './distribution.ts'

/** A system tool's package, by distribution family. */
export type ToolPackages = Readonly<Record<DistributionFamily, string>>

const utilLinux: ToolPackages = { debian: 'util-linux', fedora: 'util-linux', arch: 'util-linux', suse: 'util-linux', alpine: 'util-linux' }
const subids: ToolPackages = { debian: 'uidmap', fedora: 'shadow-utils', arch: 'shadow', suse: 'shadow', alpine: 'shadow-subids' }

/** Which package brings a tool. */
export const toolPackages: Readonly<Record<string, ToolPackages>> = {
  crun: everywhere('crun'),
  runc: everywhere('runc'),
  youki: everywhere('youki'),
  conmon: everywhere('conmon'),
  newuidmap: subids,
  newgidmap: subids,
  getsubids: subids,
  nsenter: utilLinux,
  unshare: utilLinux,
  mount: utilLinux,
  umount: utilLinux,
  flock: utilLinux,
  setsid: utilLinux,
  pasta: everywhere('passt'),
  slirp4netns: everywhere('slirp4netns'),
  'fuse-overlayfs': everywhere('fuse-overlayfs'),
  fusermount3: everywhere('fuse3'),
  catatonit: everywhere('catatonit'),
  nft: everywhere('nftables'),
  ip: { debian: 'iproute2', fedora: 'iproute', arch: 'iproute2', suse: 'iproute2', alpine: 'iproute2' },
}

const installCommands: ToolPackages = {
  debian: 'apt-get install',
  fedora: 'dnf install',
  arch: 'pacman -S',
  suse: 'zypper install',
  alpine: 'apk add',
}

/** The command that installs those tools on this machine, to be typed by an administrator; undefined when a tool or the distribution isn't known. */
export function installCommand(
  tools: readonly string[],
  family: DistributionFamily | undefined = readDistribution().family,
): string | undefined {
  if (family === undefined) return undefined
  const packages = tools.map((tool) => toolPackages[tool]?.[family])
  if (packages.includes(undefined)) return undefined
  return `sudo ${installCommands[family]} ${[...new Set(packages)].join(' ')}`
}

/** The sentence of an error about a tool that is missing: this machine's command, or the packages' names. */
export function installHint(tool: string): string {
  const command = installCommand([tool])
  if (command !== undefined) return `Install it: ${command}`
  const packages = toolPackages[tool]
  if (packages === undefined) return `Install ${tool}, or put its directory on PATH.`
  return `Install the package ${packages.debian} (Debian, Ubuntu), ${packages.fedora} (Fedora) or ${packages.arch} (Arch).`
}

function everywhere(name: string): ToolPackages {
  return { debian: name, fedora: name, arch: name, suse: name, alpine: name }
}
