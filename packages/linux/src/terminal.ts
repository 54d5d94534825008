import { LinuxError } from './errors.ts'
import { lastErrno, libcFunction } from './internal/libc.ts'
import { errnoName } from './internal/system-error.ts'

const tcgetattr = libcFunction('int tcgetattr(int fd, void *settings)')
const tcsetattr = libcFunction('int tcsetattr(int fd, int when, const void *settings)')
const cfmakeraw = libcFunction('void cfmakeraw(void *settings)')
const ioctl = libcFunction('int ioctl(int fd, unsigned long request, void *argument)')

/** struct termios has 60 bytes in glibc and musl. */
const settingsBytes = 64
const now = 0
/** TIOCGWINSZ of asm-generic/ioctls.h, and of those that differ. */
const getWindowSize = process.arch === 'ppc64' || process.arch === 'mips' || process.arch === 'mipsel' ? 0x40087468 : 0x5413

/** In characters. */
export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

/**
 * Makes a terminal raw, as cfmakeraw(3) does: no echo, no signals from keys, no line editing, and, unlike `setRawMode`, nothing done to what is
 * written (opost off), so that full-screen programs look right.
 *
 * Disposing it restores the settings found; so does the exit of the process. Nothing can after SIGKILL. For signals that kill, the caller's handler must
 * dispose it.
 *
 * @throws ERR_LINUX_TERMINAL
 */
export function openRawTerminal(fd: number): Disposable {
  const found = Buffer.alloc(settingsBytes)
  if (tcgetattr(fd, found) < 0) throw failed(fd, 'tcgetattr')
  const raw = Buffer.from(found)
  cfmakeraw(raw)
  if (tcsetattr(fd, now, raw) < 0) throw failed(fd, 'tcsetattr')
  let restored = false
  const restore = (): void => {
    if (restored) return
    restored = true
    process.off('exit', restore)
    tcsetattr(fd, now, found)
  }
  process.on('exit', restore)
  return { [Symbol.dispose]: restore }
}

/** A terminal's size; undefined when `fd` is none. A terminal that doesn't know says 0 by 0. */
export function windowSize(fd: number): TerminalSize | undefined {
  const size = Buffer.alloc(8)
  if (ioctl(fd, getWindowSize, size) < 0) return undefined
  const words = new Uint16Array(size.buffer, size.byteOffset, 2)
  return { rows: words[0] ?? 0, columns: words[1] ?? 0 }
}

function failed(fd: number, call: string): LinuxError {
  const errno = errnoName(lastErrno())
  return new LinuxError('ERR_LINUX_TERMINAL', `cannot make the terminal on descriptor ${fd} raw: ${call}: ${errno}`, {
    details: { fd, syscall: call, errno },
  })
}
