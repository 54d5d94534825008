import type { AttachStreams, WindowSize } from '@podwright/contracts'

/** Streams, and the size that the client's window has now. */
export interface SizedStreams {
  readonly streams: AttachStreams
  readonly size: WindowSize | undefined
}

/**
 * Takes the first size off the client's window, so that a program finds its terminal as large as it is from its first instruction; the
 * streams that are given back still have it.
 */
export async function measureWindow(streams: AttachStreams, terminal: boolean): Promise<SizedStreams> {
  if (!terminal || streams.window === undefined) return { streams, size: undefined }
  const sizes = streams.window[Symbol.asyncIterator]()
  const first = await sizes.next()
  if (first.done === true) return { streams, size: undefined }
  return { streams: { ...streams, window: withFirst(first.value, sizes) }, size: first.value }
}

async function* withFirst(first: WindowSize, rest: AsyncIterator<WindowSize>): AsyncGenerator<WindowSize> {
  try {
    yield first
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
