import type { ContainerSummary } from '@podwright/contracts'
import { containerStatus } from '../render/container-status.ts'
import { humanAge } from '../render/duration.ts'
import { goDate, unixSeconds } from '../render/moment.ts'
import { printable, truncate } from '../render/printable.ts'

/** How containers are shown. */
export interface ContainerView {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Ids and commands are not cut. */
  readonly whole: boolean
}

/** docker's, in quotes included. */
const commandLength = 20

/** The columns of `ps`. */
export const containerTitles: readonly string[] = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES']

/** A container's cells, in the order of `containerTitles`. */
export function containerRow(container: ContainerSummary, view: ContainerView): readonly string[] {
  const { id, imageName, createdAt, state, name } = container
  return [
    view.whole ? id : id.slice(0, 12),
    printable(shownImage(imageName, view)),
    quotedCommand(container, view),
    humanAge(createdAt, view.now),
    containerStatus(state, view.now),
    '',
    name,
  ]
}

/** A container in podman's `ps --format json`. */
export function containerRecord(container: ContainerSummary, { now }: ContainerView): object {
  const { id, imageName, imageId, command, createdAt, state, name, labels, network } = container
  return {
    Command: command,
    CreatedAt: humanAge(createdAt, now),
    Created: unixSeconds(createdAt),
    ExitCode: state.exitCode ?? 0,
    Exited: state.status === 'exited',
    ExitedAt: unixSeconds(state.finishedAt),
    Id: id,
    Image: imageName,
    ImageID: imageId.slice(imageId.indexOf(':') + 1),
    IsInfra: false,
    Labels: labels,
    Mounts: [],
    Names: [name],
    Networks: [network],
    Pid: state.pid,
    Pod: '',
    PodName: '',
    Ports: [],
    StartedAt: unixSeconds(state.startedAt),
    State: state.status,
    Status: containerStatus(state, now),
  }
}

/** A container in docker's `ps --format '{{json .}}'`. */
export function containerLine(container: ContainerSummary, view: ContainerView): object {
  const { id, imageName, createdAt, state, name, labels, network } = container
  return {
    Command: quotedCommand(container, view),
    CreatedAt: goDate(createdAt),
    ID: view.whole ? id : id.slice(0, 12),
    Image: imageName,
    Labels: Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
    LocalVolumes: '0',
    Mounts: '',
    Names: name,
    Networks: network,
    Ports: '',
    RunningFor: humanAge(createdAt, view.now),
    Size: '0B',
    State: state.status,
    Status: containerStatus(state, view.now),
  }
}

/** An image that has no name is shown by its id. */
function shownImage(name: string, { whole }: ContainerView): string {
  return !whole && /^sha256:[0-9a-f]{64}$/.test(name) ? name.slice(7, 19) : name
}

function quotedCommand({ command }: ContainerSummary, { whole }: ContainerView): string {
  const text = command.join(' ')
  return printable(JSON.stringify(whole ? text : truncate(text, commandLength)))
}
