import type { ContainerDetails, ContainerState, ImageDetails } from '@podwright/contracts'
import type { ImageRunConfig } from '@podwright/oci'
import { shownStatus } from '../render/container-status.ts'
import { jsonDate } from '../render/moment.ts'
import { hostConfig } from './inspect-host-config.ts'
import { healthConfig, healthState } from './keeping/inspect-health.ts'
import { secretRecord } from '../secrets/read-secret.ts'
import { exposedPorts, portBindings } from './ports/port-texts.ts'
import { inspectMounts } from './inspect-mounts.ts'

/**
 * A container as `inspect` prints it: docker's keys and podman's. Where the two put different values under one key, docker's shape holds, save the
 * name, which has no slash in front.
 *
 * @param image the image below, unless it is gone
 */
export function containerDocument(container: ContainerDetails, image: ImageDetails | undefined): object {
  const { id, name, createdAt, command, imageId, imageName, paths, spec, options } = container
  return {
    Id: id,
    Created: jsonDate(createdAt),
    Path: command[0] ?? '',
    Args: command.slice(1),
    State: stateDocument(container),
    Image: imageId,
    ImageName: imageName,
    ImageDigest: image?.image.manifests[0]?.digest ?? '',
    Rootfs: options.root?.directory ?? '',
    Pod: '',
    ResolvConfPath: mountSource(container, '/etc/resolv.conf'),
    HostnamePath: mountSource(container, '/etc/hostname'),
    HostsPath: mountSource(container, '/etc/hosts'),
    StaticDir: paths.bundle,
    OCIConfigPath: spec === undefined ? '' : `${paths.bundle}/config.json`,
    OCIRuntime: container.runtime,
    LogPath: paths.log,
    ConmonPidFile: options.monitorPidFile ?? paths.monitorPidFile,
    PidFile: options.pidFile ?? paths.monitorPidFile.replace(/[^/]*$/, 'pidfile'),
    Name: name,
    RestartCount: container.state.restartCount ?? 0,
    Driver: container.driver,
    Platform: image?.image.platform.os ?? 'linux',
    MountLabel: spec?.linux.mountLabel ?? '',
    ProcessLabel: spec?.process.selinuxLabel ?? '',
    AppArmorProfile: spec?.process.apparmorProfile ?? '',
    EffectiveCaps: spec?.process.capabilities?.effective ?? null,
    BoundingCaps: spec?.process.capabilities?.bounding ?? null,
    ExecIDs: [],
    GraphDriver: { Name: container.driver, Data: { MergedDir: paths.rootfs } },
    Mounts: inspectMounts(container),
    Dependencies: dependencies(container),
    IsInfra: false,
    IsService: false,
    Config: configDocument(container, image?.config.config ?? {}),
    HostConfig: hostConfig(container),
    NetworkSettings: networkDocument(container, exposedPorts(container, image?.config.config ?? {})),
  }
}

/** Ids of the containers that it needs. */
function dependencies({ network, options }: ContainerDetails): readonly string[] {
  const { requires = [], pidNamespace, ipcNamespace, utsNamespace, cgroupNamespace } = options
  const choices = [pidNamespace, ipcNamespace, utsNamespace, cgroupNamespace]
  const networks = network.startsWith('container:') ? [network.slice('container:'.length)] : []
  const joined = choices.flatMap((choice) => (typeof choice === 'object' && 'container' in choice ? [choice.container] : []))
  return [...new Set([...requires, ...networks, ...joined])]
}

function stateDocument(container: ContainerDetails): object {
  const { state, spec, paths, options } = container
  return {
    OciVersion: spec?.ociVersion ?? '',
    Status: shownStatus(state),
    // As docker has it.
    Running: state.status === 'running' || state.status === 'paused' || state.restartAt !== undefined,
    Paused: state.status === 'paused',
    Restarting: state.restartAt !== undefined,
    OOMKilled: state.oomKilled === true,
    Dead: false,
    Pid: state.pid,
    ConmonPid: state.monitorPid,
    ConmonPidFile: options.monitorPidFile ?? paths.monitorPidFile,
    ExitCode: state.exitCode ?? 0,
    Error: state.error ?? '',
    StartedAt: jsonDate(state.startedAt),
    FinishedAt: finishedAt(state),
    ...healthState(container),
    CgroupPath: spec?.linux.cgroupsPath ?? '',
    Checkpointed: state.checkpoint?.checkpointedAt !== undefined,
    CheckpointedAt: jsonDate(state.checkpoint?.checkpointedAt),
    Restored: state.checkpoint?.restoredAt !== undefined,
    RestoredAt: jsonDate(state.checkpoint?.restoredAt),
    CheckpointPath: state.checkpoint?.checkpointedAt === undefined ? '' : `${paths.bundle}/checkpoint`,
  }
}

/** While it runs again, docker and podman keep the end of the run before. */
function finishedAt(state: ContainerState): string {
  return jsonDate(state.finishedAt)
}

function configDocument(container: ContainerDetails, image: ImageRunConfig): object {
  const { options, spec, imageName, labels, command } = container
  const exposed = exposedPorts(container, image)
  const entrypoint = options.entrypoint ?? image.Entrypoint ?? []
  const environment = spec?.process.env ?? Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`)
  return {
    Hostname: spec?.hostname ?? options.hostname ?? container.id.slice(0, 12),
    Domainname: spec?.domainname ?? '',
    User: options.user ?? image.User ?? '',
    AttachStdin: options.stdin === true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: options.terminal === true,
    OpenStdin: options.stdin === true,
    StdinOnce: options.stdin === true,
    Env: environment,
    // What runs is entrypoint and command: what follows the entrypoint is the command.
    Cmd: startsWith(command, entrypoint) ? command.slice(entrypoint.length) : (options.command ?? image.Cmd ?? []),
    Image: imageName,
    Volumes: image.Volumes ?? null,
    WorkingDir: spec?.process.cwd ?? options.workingDirectory ?? image.WorkingDir ?? '/',
    Entrypoint: entrypoint.length === 0 ? null : entrypoint,
    OnBuild: null,
    ...(exposed.length > 0 && { ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])) }),
    Labels: labels,
    Annotations: shownAnnotations(spec?.annotations ?? options.annotations ?? {}),
    StopSignal: options.stopSignal ?? image.StopSignal ?? 'SIGTERM',
    StopTimeout: options.stopTimeoutSeconds ?? 10,
    CreateCommand: options.createCommand ?? [],
    ...healthConfig(container),
    Umask: (options.umask ?? 0o022).toString(8).padStart(4, '0'),
    Timeout: options.timeLimitSeconds ?? 0,
    Timezone: options.timeZone ?? '',
    ...(options.secrets !== undefined && { Secrets: options.secrets.map(secretRecord) }),
  }
}

/** Without the compiled seccomp filter, ten kilobytes that are crun's alone. */
function shownAnnotations({ 'run.oci.seccomp_bpf_data': _filter, ...annotations }: Readonly<Record<string, string>>): object {
  return annotations
}

function networkDocument({ network, options: { uplink }, ports, state }: ContainerDetails, exposed: readonly string[]): object {
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: '',
    HairpinMode: false,
    // As docker has it: nothing leads to what is only exposed, nor to what does not run.
    Ports: state.pid === 0 ? {} : { ...Object.fromEntries(exposed.map((port) => [port, null])), ...portBindings(ports) },
    EndpointID: '',
    Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: '',
    IPPrefixLen: 0,
    IPv6Gateway: '',
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    MacAddress: '',
    // Who names the way out has no network by name, as with podman.
    Networks:
      uplink !== undefined || /^(?:container|ns):/.test(network)
        ? {}
        : { [network]: { NetworkID: network, EndpointID: '', Gateway: '', IPAddress: '', IPPrefixLen: 0, MacAddress: '' } },
  }
}

function mountSource({ spec }: ContainerDetails, destination: string): string {
  return spec?.mounts.find((mount) => mount.destination === destination)?.source ?? ''
}

function startsWith(words: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((word, index) => words[index] === word)
}
