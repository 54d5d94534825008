import { statfsSync } from 'node:fs'

/** On what file system a directory lies. */
export interface FileSystemFacts {
  /** `ext4`, `xfs`, `btrfs`, `overlayfs`, `tmpfs`, `nfs`, `cifs`, …; `0x…` for one not known. ext2 and ext3 read as `ext4`. */
  readonly type: string
  /** Its files live on another machine: no SQLite WAL, no overlay upper directory. */
  readonly network: boolean
  /** For unprivileged users. */
  readonly availableBytes: number
  readonly sizeBytes: number
}

/** f_type of statfs(2): linux/magic.h and the file systems' own headers. */
const names: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0xf2f52010: 'f2fs',
  0x2fc12fc1: 'zfs',
  0xca451a4e: 'bcachefs',
  0x794c7630: 'overlayfs',
  0x01021994: 'tmpfs',
  0x858458f6: 'ramfs',
  0x6969: 'nfs',
  0xff534d42: 'cifs',
  0xfe534d42: 'smb2',
  0x517b: 'smb',
  0x00c36400: 'ceph',
  0x01021997: '9p',
  0x5346414f: 'afs',
  0x0bd00bd0: 'lustre',
  0x47504653: 'gpfs',
  0x65735546: 'fuse',
  0x61756673: 'aufs',
  0xf15f: 'ecryptfs',
  0x4d44: 'vfat',
  0x2011bab0: 'exfat',
  0x73717368: 'squashfs',
  0xe0f5e1e2: 'erofs',
  0x63677270: 'cgroup2',
  0x27e0eb: 'cgroup',
  0x9fa0: 'proc',
  0x62656572: 'sysfs',
}

const networked: ReadonlySet<string> = new Set(['nfs', 'cifs', 'smb2', 'smb', 'ceph', '9p', 'afs', 'lustre', 'gpfs'])

/** The file system of an existing file or directory; undefined when it can't be asked. */
export function probeFileSystem(path: string): FileSystemFacts | undefined {
  try {
    const { type, bavail, blocks, bsize } = statfsSync(path)
    // Some architectures sign-extend the type.
    const name = names[type >>> 0] ?? `0x${(type >>> 0).toString(16)}`
    return { type: name, network: networked.has(name), availableBytes: bavail * bsize, sizeBytes: blocks * bsize }
  } catch {
    return undefined
  }
}
