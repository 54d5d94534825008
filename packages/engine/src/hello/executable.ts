/** What the embedded image says. */
export const greeting = `Hello from podwright.

This message came out of a container: an image that is embedded in the command was put into the image store, its layer was unpacked, a
root file system was mounted on it, and an OCI runtime ran its only program there, in namespaces of its own.

Next, try:
  podwright run --rm -it docker.io/library/debian:12 bash
  podwright doctor
`

/** Architectures that the greeting can be assembled for, in Go's names. */
export type HelloArchitecture = 'amd64' | 'arm64'

const loadAddress = 0x400000
const headerBytes = 64 + 56

/**
 * Assembles a static ELF executable that writes the greeting to stdout and exits 0: one read-and-execute segment, no libraries, no
 * sections. Source: the System V ABI's ELF-64 object file format, and Linux's syscall numbers of each architecture.
 */
export function assembleHello(architecture: HelloArchitecture): Uint8Array {
  const message = new TextEncoder().encode(greeting)
  const code = architecture === 'amd64' ? amd64Code(message.length) : arm64Code(message.length)
  const file = new Uint8Array(headerBytes + code.length + message.length)
  writeHeaders(new DataView(file.buffer), architecture, file.length)
  file.set(code, headerBytes)
  file.set(message, headerBytes + code.length)
  return file
}

function writeHeaders(view: DataView, architecture: HelloArchitecture, fileBytes: number): void {
  const u16 = (offset: number, value: number): void => view.setUint16(offset, value, true)
  const u32 = (offset: number, value: number): void => view.setUint32(offset, value, true)
  const u64 = (offset: number, value: number): void => view.setBigUint64(offset, BigInt(value), true)
  view.setUint32(0, 0x7f454c46) // "\x7fELF"
  view.setUint8(4, 2) // 64 bits
  view.setUint8(5, 1) // little-endian
  view.setUint8(6, 1) // ELF version
  u16(16, 2) // an executable
  u16(18, architecture === 'amd64' ? 62 : 183) // EM_X86_64, EM_AARCH64
  u32(20, 1)
  u64(24, loadAddress + headerBytes) // entry point
  u64(32, 64) // program headers follow
  u16(52, 64)
  u16(54, 56)
  u16(56, 1) // one of them
  u32(64, 1) // PT_LOAD
  u32(68, 5) // read and execute
  u64(80, loadAddress)
  u64(88, loadAddress)
  u64(96, fileBytes)
  u64(104, fileBytes)
  u64(112, 0x10000)
}

/** write(1, message, length); exit(0): syscalls 1 and 60. The message follows the code. */
function amd64Code(length: number): Uint8Array {
  const word = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff]
  // prettier-ignore
  const tail = [
    0xba, ...word(length), // mov edx, length
    0x0f, 0x05, // syscall
    0xb8, ...word(60), // mov eax, 60
    0x31, 0xff, // xor edi, edi
    0x0f, 0x05, // syscall
  ]
  // prettier-ignore
  return Uint8Array.from([
    0xb8, ...word(1), // mov eax, 1
    0xbf, ...word(1), // mov edi, 1
    0x48, 0x8d, 0x35, ...word(tail.length), // lea rsi, [rip + tail]
    ...tail,
  ])
}

/** The same with syscalls 64 and 93. */
function arm64Code(length: number): Uint8Array {
  const instructions = [
    0xd2800020, // mov x0, #1
    (0x10000001 | (7 << 5)) >>> 0, // adr x1, 7 instructions on: immhi counts groups of four bytes
    (0xd2800002 | (length << 5)) >>> 0, // mov x2, #length (up to 65535)
    0xd2800808, // mov x8, #64
    0xd4000001, // svc #0
    0xd2800000, // mov x0, #0
    0xd2800ba8, // mov x8, #93
    0xd4000001, // svc #0
  ]
  const code = new Uint8Array(instructions.length * 4)
  const view = new DataView(code.buffer)
  instructions.forEach((instruction, index) => view.setUint32(index * 4, instruction, true))
  return code
}
