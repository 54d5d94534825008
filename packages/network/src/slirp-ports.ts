import type { PublishedPort } from '@podwright/contracts'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { connect } from 'node:net'
import { portInUse } from './check-ports.ts'

/**
 * Has a slirp4netns forward ports: one request on a connection of its own for each, as its API wants it (slirp4netns(1), API SOCKET).
 *
 * @throws NetworkError `ERR_PORT_IN_USE` when it can't listen on one
 */
export async function forwardThroughSlirp(
  { directory, name, guestAddress }: { readonly directory: string; readonly name: string; readonly guestAddress: string },
  ports: readonly PublishedPort[],
): Promise<void> {
  // By way of a descriptor, since the whole path may be longer than a socket's may (sockaddr_un, 107 bytes).
  const fd = openSync(directory, 'r')
  try {
    for (const port of ports) {
      for (let index = 0; index < (port.count ?? 1); index++) {
        const single = { ...port, hostPort: port.hostPort + index, containerPort: port.containerPort + index }
        await forward(`/proc/self/fd/${fd}/${name}`, guestAddress, single)
      }
    }
  } finally {
    closeSync(fd)
  }
}

async function forward(socketPath: string, guestAddress: string, port: PublishedPort): Promise<void> {
  const { protocol, hostAddress, hostPort, containerPort } = port
  const answer = await ask(socketPath, {
    execute: 'add_hostfwd',
    arguments: {
      proto: protocol,
      host_addr: hostAddress ?? '0.0.0.0',
      host_port: hostPort,
      guest_addr: guestAddress,
      guest_port: containerPort,
    },
  })
  if (answer.error !== undefined) throw portInUse(port, new Error(answer.error.desc ?? 'slirp4netns gave no reason'))
}

interface Answer {
  readonly error?: { readonly desc?: string }
}

async function ask(socketPath: string, request: object): Promise<Answer> {
  const socket = connect(socketPath)
  await once(socket, 'connect')
  socket.end(JSON.stringify(request))
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return JSON.parse(text) as Answer
}
