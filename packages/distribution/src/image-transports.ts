import type { ImageDestination, ImageName, ImageSource, ImageTransport, ListedImage } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { DistributionError } from './errors.ts'
import { formatImageName, splitTransport, transportUnknown } from './image-names.ts'

/** Every place that an image can be, by the names of their transports. */
export interface ImageTransports {
  readonly names: readonly string[]
  /** @throws `ERR_TRANSPORT_UNKNOWN`, `ERR_TRANSPORT_UNSUPPORTED`, and what the transport's `parse` throws */
  parse(text: string): ImageName
  /** Whether a text begins with the name of a transport that is here. `localhost:5000/app` doesn't, unless one is called so. */
  isNamed(text: string): boolean
  /** @throws as `parse`, `ERR_TRANSPORT_UNSUPPORTED` for what can't be read, and what the transport throws */
  openSource(name: string | ImageName, options?: AbortOptions): Promise<ImageSource>
  /** @throws as `openSource`, for what can't be written */
  openDestination(
    name: string | ImageName,
    options?: AbortOptions & { readonly source?: string | ImageName | undefined },
  ): Promise<ImageDestination>
  /** The images at a place. @throws as `openSource`, for what can't be listed */
  list(name: string | ImageName, options?: AbortOptions): AsyncIterable<ListedImage>
  /** @throws as `openSource`, for what nothing can be deleted from */
  delete(name: string | ImageName, options?: AbortOptions): Promise<void>
}

/**
 * Puts transports together: those of `createBuiltInTransports`, the engine's own, those of plugins. Of two with the same name the last counts.
 *
 * @throws TypeError for a name that no text can begin with
 */
export function createTransports(transports: readonly ImageTransport[]): ImageTransports {
  const byName = new Map(transports.map((transport) => [checkName(transport.name), transport]))

  const parse = (text: string): ImageName => {
    const [transport, rest] = splitTransport(text)
    const found = byName.get(transport)
    if (found === undefined) throw transportUnknown(text, [...byName.keys()])
    return found.parse(rest)
  }
  const find = (name: string | ImageName): readonly [ImageTransport, ImageName] => {
    const parsed = typeof name === 'string' ? parse(name) : name
    const transport = byName.get(parsed.transport)
    if (transport === undefined) throw transportUnknown(formatImageName(parsed), [...byName.keys()])
    // A name that was made elsewhere may lack what the transport reads out of the text.
    return [transport, typeof name === 'string' ? parsed : transport.parse(parsed.text)]
  }

  return {
    names: [...byName.keys()],
    parse,
    isNamed: (text) => byName.has(splitTransport(text)[0]),
    openSource: async (name, options) => {
      const [transport, parsed] = find(name)
      if (transport.openSource === undefined) throw incapable(parsed, 'read from')
      return transport.openSource(parsed, options)
    },
    openDestination: async (name, options) => {
      const [transport, parsed] = find(name)
      if (transport.openDestination === undefined) throw incapable(parsed, 'write to')
      const { source, signal } = options ?? {}
      return transport.openDestination(parsed, { signal, ...(source !== undefined && { source: find(source)[1] }) })
    },
    list: (name, options) => {
      const [transport, parsed] = find(name)
      if (transport.list === undefined) throw incapable(parsed, 'list the images of')
      return transport.list(parsed, options)
    },
    delete: async (name, options) => {
      const [transport, parsed] = find(name)
      if (transport.delete === undefined) throw incapable(parsed, 'delete from')
      return transport.delete(parsed, options)
    },
  }
}

function checkName(name: string): string {
  if (splitTransport(`${name}:`)[0] === name && name !== '') return name
  throw new TypeError(`createTransports: ${JSON.stringify(name)} can not be the name of a transport`)
}

function incapable(name: ImageName, verb: string): DistributionError {
  return new DistributionError('ERR_TRANSPORT_UNSUPPORTED', `cannot ${verb} ${formatImageName(name)}: ${name.transport}: can't do that`, {
    details: { transport: name.transport },
  })
}
