import type { ContainerMount, ContainerSummary } from '@podwright/contracts'
import { CliError } from '../errors.ts'
import { type ContainerSizes, sizeText } from './container-sizes.ts'
import { containerStatus, shownStatus } from '../render/container-status.ts'
import { humanAge } from '../render/duration.ts'
import { LabelSet } from '../render/label-set.ts'
import type { ListDefinition } from '../render/list-definition.ts'
import { goDate, unixSeconds } from '../render/moment.ts'
import { portRecord, portsText } from './ports/port-texts.ts'
import { printable, truncate } from '../render/printable.ts'

/** How containers are shown. */
export interface ContainerView {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Ids and commands are not cut. */
  readonly whole: boolean
  /** What they take, when that was asked for. */
  readonly sizes?: ContainerSizes | undefined
}

/** docker's, in quotes included. */
const commandLength = 20

/** How `ps` shows containers. */
export function containerList(view: ContainerView): ListDefinition<ContainerSummary> {
  return {
    typeName: 'Container',
    columns: ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names', ...(view.sizes === undefined ? [] : ['Size'])],
    titles: { ID: 'CONTAINER ID', RunningFor: 'CREATED', CreatedHuman: 'CREATED', ImageID: 'IMAGE ID', Pid: 'PID' },
    fields: containerFields(view),
    quiet: ({ id }) => shownId(id, view),
    records: (containers) => containers.map((container) => containerRecord(container, view)),
    line: (container) => containerLine(container, view),
  }
}

/** docker's fields and podman's. Where the two put different values under one name, docker's holds. */
function containerFields(view: ContainerView): ListDefinition<ContainerSummary>['fields'] {
  const since = ({ createdAt }: ContainerSummary): string => humanAge(createdAt, view.now)
  return {
    ID: ({ id }) => shownId(id, view),
    Image: ({ imageName }) => printable(shownImage(imageName, view)),
    ImageID: ({ imageId }) => imageId.slice(imageId.indexOf(':') + 1),
    Command: (container) => quotedCommand(container, view),
    Created: since,
    CreatedAt: ({ createdAt }) => goDate(createdAt),
    CreatedHuman: since,
    CreatedSince: since,
    RunningFor: since,
    StartedAt: ({ state }) => unixSeconds(state.startedAt),
    Exited: ({ state }) => state.status === 'exited',
    ExitedAt: ({ state }) => unixSeconds(state.finishedAt),
    ExitCode: ({ state }) => state.exitCode ?? 0,
    State: ({ state }) => shownStatus(state),
    Restarts: ({ state }) => state.restartCount ?? 0,
    Status: ({ state }) => containerStatus(state, view.now),
    Pid: ({ state }) => state.pid,
    Ports: ({ ports }) => portsText(ports),
    Names: ({ name }) => name,
    Labels: ({ labels }) => new LabelSet(labels),
    Label:
      ({ labels }) =>
      (name: string) =>
        Object.hasOwn(labels, name) ? labels[name] : '',
    Mounts: ({ mounts }) => mounts.map(mountName).join(','),
    LocalVolumes: ({ mounts }) => volumesOf(mounts).length,
    Networks: ({ network }) => network,
    Size: (container) => shownSize(container, view),
    Pod: () => '',
    PodName: () => '',
    IsInfra: () => false,
  }
}

/** A container in podman's `ps --format json`. */
function containerRecord(container: ContainerSummary, { now, sizes }: ContainerView): object {
  const { id, imageName, imageId, command, createdAt, state, name, labels, network, ports, mounts } = container
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
    Mounts: mounts.map(({ target }) => target),
    Names: [name],
    Networks: [network],
    Pid: state.pid,
    Pod: '',
    PodName: '',
    ...(sizes !== undefined && { Size: { rootFsSize: sizes.get(id)?.totalBytes ?? 0, rwSize: sizes.get(id)?.changedBytes ?? 0 } }),
    Ports: ports.map(portRecord),
    StartedAt: unixSeconds(state.startedAt),
    State: shownStatus(state),
    Status: containerStatus(state, now),
  }
}

/** A container in docker's `ps --format '{{json .}}'`. */
function containerLine(container: ContainerSummary, view: ContainerView): object {
  const { id, imageName, createdAt, state, name, labels, network, ports, mounts } = container
  return {
    Command: quotedCommand(container, view),
    CreatedAt: goDate(createdAt),
    ID: shownId(id, view),
    Image: imageName,
    Labels: new LabelSet(labels).String(),
    LocalVolumes: String(volumesOf(mounts).length),
    Mounts: mounts.map(mountName).join(','),
    Names: name,
    Networks: network,
    Ports: portsText(ports),
    RunningFor: humanAge(createdAt, view.now),
    // As docker has it without --size.
    Size: view.sizes === undefined ? '0B' : shownSize(container, view),
    State: shownStatus(state),
    Status: containerStatus(state, view.now),
  }
}

function shownId(id: string, { whole }: ContainerView): string {
  return whole ? id : id.slice(0, 12)
}

/** An image that has no name is shown by its id. */
function shownImage(name: string, { whole }: ContainerView): string {
  return !whole && /^sha256:[0-9a-f]{64}$/.test(name) ? name.slice(7, 19) : name
}

function quotedCommand({ command }: ContainerSummary, { whole }: ContainerView): string {
  const text = command.join(' ')
  return printable(JSON.stringify(whole ? text : truncate(text, commandLength)))
}

/** A volume's name, a directory's path. */
function mountName({ source = '', target }: ContainerMount): string {
  return source === '' ? target : source
}

function volumesOf(mounts: readonly ContainerMount[]): readonly ContainerMount[] {
  return mounts.filter(({ type }) => type === 'volume')
}

function shownSize({ id }: ContainerSummary, { sizes }: ContainerView): string {
  if (sizes !== undefined) return sizeText(sizes.get(id) ?? { changedBytes: 0, totalBytes: 0 })
  throw new CliError('ERR_CLI_FORMAT', 'the size of a container is measured with --size alone')
}
