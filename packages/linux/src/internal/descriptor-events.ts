import { constants as systemConstants } from 'node:os'
import { asyncLibcFunction, libcFunction } from './libc.ts'
import { systemError } from './system-error.ts'

/** What a descriptor is waited for. Its end, or its other end's, counts as both. */
export type DescriptorEvent = 'readable' | 'writable'

const poll = asyncLibcFunction('int poll(void *descriptors, unsigned long count, int timeout)')
const eventfd = libcFunction('int eventfd(unsigned int value, int flags)')
const read = libcFunction('long read(int fd, void *buffer, size_t size)')
const write = libcFunction('long write(int fd, const void *buffer, size_t size)')

/** poll.h: struct pollfd has an int and two shorts. */
const events: Readonly<Record<DescriptorEvent, number>> = { readable: 0x1, writable: 0x4 }
const entryBytes = 8
const eventsOffset = 4
const foundOffset = 6
const noTimeout = -1

/** eventfd(2) */
const counterBytes = 8
const nonBlocking = 0o4000
const closeOnExec = 0o2000000

interface Wait {
  readonly fd: number
  readonly event: DescriptorEvent
  readonly resolve: () => void
}

const waits = new Set<Wait>()
let polling = false
let scheduled = false
let wakeDescriptor = -1

/**
 * Resolves once a descriptor is ready, or `ignoreDescriptor` was called for it.
 *
 * One thread of Node's pool is in poll(2) for all that are waited for. A socket of Node's own would do it on the loop itself, but its code takes 4 to 10 ms
 * to load and to warm up, a sixth of what it takes to run a container.
 */
export function descriptorReady(fd: number, event: DescriptorEvent): Promise<void> {
  return new Promise((resolve) => {
    waits.add({ fd, event, resolve })
    schedule()
  })
}

/** Nobody waits for it any more: whoever does goes on. To be called before it is closed. */
export function ignoreDescriptor(fd: number): void {
  for (const wait of waits) if (wait.fd === fd) settle(wait)
  if (polling) wake()
}

/** At the loop's next turn, when those who go on now have asked for more. */
function schedule(): void {
  if (scheduled) return
  scheduled = true
  setImmediate(() => {
    scheduled = false
    if (polling) wake()
    else if (waits.size > 0) void look()
  })
}

async function look(): Promise<void> {
  const asked = [...waits]
  const entries = new DataView(new ArrayBuffer((asked.length + 1) * entryBytes))
  const enter = (index: number, fd: number, event: DescriptorEvent): void => {
    entries.setInt32(index * entryBytes, fd, isLittleEndian)
    entries.setInt16(index * entryBytes + eventsOffset, events[event], isLittleEndian)
  }
  const found = (index: number): boolean => entries.getInt16(index * entryBytes + foundOffset, isLittleEndian) !== 0
  for (const [index, { fd, event }] of asked.entries()) enter(index, fd, event)
  enter(asked.length, wakeable(), 'readable')
  polling = true
  const { value, errno } = await poll(new Uint8Array(entries.buffer), asked.length + 1, noTimeout)
  polling = false
  if (value < 0 && errno !== systemConstants.errno.EINTR) throw systemError('poll')
  if (found(asked.length)) read(wakeDescriptor, new Uint8Array(counterBytes), counterBytes)
  for (const [index, wait] of asked.entries()) if (found(index)) settle(wait)
  if (waits.size > 0) schedule()
}

function settle(wait: Wait): void {
  if (waits.delete(wait)) wait.resolve()
}

/** A descriptor that ends poll(2) at once. The pool's threads are joined when the process exits: they must not wait for ever. */
function wakeable(): number {
  if (wakeDescriptor >= 0) return wakeDescriptor
  wakeDescriptor = eventfd(0, nonBlocking | closeOnExec)
  if (wakeDescriptor < 0) throw systemError('eventfd')
  process.on('exit', wake)
  return wakeDescriptor
}

function wake(): void {
  if (wakeDescriptor >= 0) write(wakeDescriptor, one, counterBytes)
}

const one = new Uint8Array(new BigUint64Array([1n]).buffer)
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
