import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What boots: a kernel, its initial root, and the disk with everything else. Absolute paths; the disk is not to be written to. */
export interface RootDisk {
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
}

/** Of Debian 12, whose systemd mounts control groups of v2 alone. */
const packages = `
  systemd-sysv linux-image-cloud-amd64 dbus dbus-user-session libpam-systemd systemd-container udev kmod crun
  runc conmon uidmap passt slirp4netns nftables fuse-overlayfs criu catatonit
  iproute2 podman busybox-static procps util-linux ca-certificates`
  .trim()
  .split(/\s+/)

const mirror = 'http://deb.debian.org'
const sources = [
  `deb ${mirror}/debian bookworm main`,
  `deb ${mirror}/debian bookworm-updates main`,
  `deb ${mirror}/debian-security bookworm-security main`,
]

/** Run by mmdebstrap in the new root's parent, with the root as `$1`. */
const furnish = String.raw`set -eu
root=$1
printf 'podwright-vm\n' >"$root/etc/hostname"
printf '127.0.0.1 localhost podwright-vm\n' >"$root/etc/hosts"
printf 'nameserver 10.0.2.3\n' >"$root/etc/resolv.conf"
printf '/dev/vda / ext4 defaults 0 1\n/dev/vdb /opt/podwright ext4 ro 0 2\n' >"$root/etc/fstab"
mkdir -p "$root/opt/podwright" "$root/var/log/journal" "$root/var/lib/systemd/linger"
ln -s /opt/podwright/podwright "$root/usr/local/bin/podwright"
chroot "$root" useradd --create-home --shell /bin/bash tester
touch "$root/var/lib/systemd/linger/tester"
cat >"$root/etc/systemd/system/podwright-tests.service" <<'UNIT'
[Unit]
Description=What is tested in this machine
After=multi-user.target
[Service]
Environment=HOME=/root
ExecStart=/opt/podwright/bin/node /opt/podwright/vm/main.ts
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
[Install]
WantedBy=multi-user.target
UNIT
chroot "$root" systemctl enable podwright-tests.service
chroot "$root" systemctl disable podman.service podman.socket podman-restart.service podman-auto-update.timer apt-daily.timer apt-daily-upgrade.timer`

/**
 * The disk of a machine that runs the tests at its boot, made with mmdebstrap where it isn't there yet.
 *
 * @param cache directory for what is kept between runs
 * @throws Error where mmdebstrap or mke2fs fails
 */
export function makeRootDisk(cache: string): RootDisk {
  const key = createHash('sha256')
    .update(JSON.stringify([packages, sources, furnish]))
    .digest('hex')
    .slice(0, 16)
  const directory = join(cache, key)
  if (!existsSync(directory)) build(cache, directory)
  return { disk: join(directory, 'root.ext4'), kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd.img') }
}

function build(cache: string, directory: string): void {
  mkdirSync(cache, { recursive: true })
  const scratch = mkdtempSync(join(cache, 'new-'))
  try {
    const root = join(scratch, 'root')
    const hook = `--customize-hook=${furnish}`
    const include = `--include=${packages.join(',')}`
    runTool('mmdebstrap', ['--quiet', '--variant=minbase', '--mode=root', include, hook, 'bookworm', root, ...sources])
    makeDisk(root, join(scratch, 'root.ext4'), 6)
    for (const file of readdirSync(join(root, 'boot'))) {
      const name = ['vmlinuz', 'initrd.img'].find((start) => file.startsWith(`${start}-`))
      if (name !== undefined) renameSync(join(root, 'boot', file), join(scratch, name))
    }
    rmSync(root, { recursive: true })
    renameSync(scratch, directory)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** An ext4 file system with what is in a directory. */
export function makeDisk(directory: string, disk: string, gigabytes: number): void {
  runTool('mke2fs', ['-q', '-t', 'ext4', '-d', directory, disk, `${gigabytes}G`])
}

function runTool(command: string, args: readonly string[]): void {
  execFileSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })
}
