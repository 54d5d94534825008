import type { HandedOn } from '@podwright/contracts'
import type { RuntimeSpec } from '@podwright/oci'

const variable = /^LISTEN_(FDS|PID|FDNAMES)=/

/** A spec whose process, which is the first of its pid namespace, is told of the sockets that it gets, as sd_listen_fds(3) has it. */
export function activated(spec: RuntimeSpec, { descriptors, activation }: HandedOn): RuntimeSpec {
  const { names } = activation ?? {}
  const told = [`LISTEN_FDS=${descriptors.length}`, 'LISTEN_PID=1', ...(names === undefined ? [] : [`LISTEN_FDNAMES=${names}`])]
  const others = (spec.process.env ?? []).filter((word) => !variable.test(word))
  return { ...spec, process: { ...spec.process, env: [...others, ...told] } }
}
