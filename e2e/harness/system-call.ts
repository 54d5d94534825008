import type { TarEntry } from './tar.ts'

/** Numbers of system calls on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl). */
const numbers = {
  ptrace: 101,
  geteuid: 107,
  settimeofday: 164,
  mount: 165,
  iopl: 172,
  init_module: 175,
  acct: 163,
  add_key: 248,
  keyctl: 250,
  kexec_load: 246,
  move_pages: 279,
  unshare: 272,
  perf_event_open: 298,
  open_by_handle_at: 304,
  bpf: 321,
  userfaultfd: 323,
  io_uring_setup: 425,
  swapon: 167,
  mkdir: 83,
  /** None has it. */
  unheard_of: 5000,
} as const

export type SystemCall = keyof typeof numbers

/** Why the programs can't run here; undefined: they can. */
export const systemCallsMissing: string | undefined = process.arch === 'x64' ? undefined : 'needs x86-64'

/**
 * A program that makes one system call, with zeros for arguments but those given, and exits with the errno, or with what it returned. A static ELF file of
 * a few bytes, since no compiler is needed to test.
 */
export function systemCallProgram(call: SystemCall, ...args: readonly number[]): Buffer {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32LE(value | 0)
    return bytes
  }
  const [first = 0, second = 0, third = 0] = args
  const code = Buffer.concat([
    Buffer.from([0xbf]), // mov edi, first
    word(first),
    Buffer.from([0xbe]), // mov esi, second
    word(second),
    Buffer.from([0xba]), // mov edx, third
    word(third),
    Buffer.from([0x45, 0x31, 0xd2, 0x45, 0x31, 0xc0, 0x45, 0x31, 0xc9, 0xb8]), // xor r10d, r8d, r9d; mov eax, number
    word(numbers[call]),
    Buffer.from([0x0f, 0x05, 0x89, 0xc7, 0x85, 0xff, 0x79, 0x02, 0xf7, 0xdf, 0xb8]), // syscall; mov edi, eax; jns +2; neg edi; mov eax, exit
    word(60),
    Buffer.from([0x0f, 0x05]),
  ])
  return Buffer.concat([elfHeaders(code.length), code])
}

/** The programs as files of an image, each under its call's name. */
export function systemCallEntries(directory: string): readonly TarEntry[] {
  const calls = Object.keys(numbers) as SystemCall[]
  const args: Partial<Record<SystemCall, readonly number[]>> = { unshare: [0x1000_0000], perf_event_open: [0, 0, -1] }
  return [
    ...calls.map((call): TarEntry => ({
      path: `${directory}/${call}`,
      content: systemCallProgram(call, ...(args[call] ?? [])),
      mode: 0o755,
    })),
    // As its owner, whoever calls it.
    { path: `${directory}/setuid`, content: systemCallProgram('geteuid'), mode: 0o4755 },
  ]
}

/** The file's header and that of its only segment (elf(5)). */
function elfHeaders(codeBytes: number): Buffer {
  const base = 0x40_0000n
  const headerBytes = 64 + 56
  const bytes = Buffer.alloc(headerBytes)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.writeUInt16LE(2, 16) // executable
  bytes.writeUInt16LE(62, 18) // x86-64
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(base + BigInt(headerBytes), 24) // entry
  bytes.writeBigUInt64LE(64n, 32) // segment table
  bytes.writeUInt16LE(64, 52)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(1, 64) // loaded
  bytes.writeUInt32LE(5, 68) // readable, executable
  bytes.writeBigUInt64LE(base, 80)
  bytes.writeBigUInt64LE(base, 88)
  bytes.writeBigUInt64LE(BigInt(headerBytes + codeBytes), 96)
  bytes.writeBigUInt64LE(BigInt(headerBytes + codeBytes), 104)
  bytes.writeBigUInt64LE(0x1000n, 112)
  return bytes
}
