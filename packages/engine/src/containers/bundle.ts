import type { ContainerMount, Snapshot, WindowSize } from '@podwright/contracts'
import { systemCodeOf } from '@podwright/conventions'
import type { RuntimeSpec } from '@podwright/oci'
import { createSpecialFiles } from '@podwright/linux'
import {
  containerEnvFile,
  generateSpec,
  type GeneratedSpec,
  hostDevices,
  hostsFile,
  loadSeccompProfile,
  type MountInput,
  parseSignal,
  readHostFacts,
  resolvConf,
  type SpecInput,
} from '@podwright/runtime'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { withoutOwnGroup } from '../accounts/account-lines.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord, ContainerSettings } from '../state/record.ts'
import { engineVersion } from '../version.ts'
import { cgroupsPath } from './control-groups.ts'
import type { ContainerFiles } from './files.ts'
import { isJoined, joinedNamespace, namesOfNetwork } from './joined-network.ts'
import { relayedSocket, relayInput } from './notify.ts'
import { readLayeredFile } from './layered-tree.ts'
import { withoutSecretVariables } from '../secrets/conceal-spec.ts'
import { requireRoot } from './directory-root.ts'
import { requireMountSources } from './mount-sources.ts'
import { memoryMount } from './memory-mount.ts'
import { rootMount } from './root-mount.ts'
import { uplinkOf } from './uplink-of.ts'

/** Makes a container's directory ready for a monitor: a mount that can't be made must fail before anything is started. */
export function prepareDirectory(record: ContainerRecord, files: ContainerFiles): void {
  requireMountSources(record.settings.mounts)
  requireRoot(record.settings.root)
  clearLeftovers(files)
}

/** Writes a container's small files and works out its runtime-spec config. */
export async function prepareBundle(
  parts: EngineParts,
  record: ContainerRecord,
  snapshot: Snapshot,
  files: ContainerFiles,
  consoleSize: WindowSize | undefined,
): Promise<GeneratedSpec> {
  const { settings } = record
  await writeIdentityFiles(parts, record, files)
  if (settings.idMap !== undefined) (await import('./reachable.ts')).makeReachable(parts, settings, files.directory)
  const host = readHostFacts({ rootless: parts.rootless, idMap: (await parts.namespace()).idMap() })
  const pair = await parts.runtime()
  const { cgroups } = pair
  const isOpaque = opacityTest()
  const read = (path: string): string => readLayeredFile(snapshot.layers, path, isOpaque) ?? ''
  const input: SpecInput = {
    id: record.id,
    host,
    rootfs: rootMount(parts.paths, snapshot).rootfs,
    readOnlyRoot: settings.readOnlyRoot,
    process: {
      entrypoint: settings.entrypoint,
      command: settings.command,
      environment: Object.fromEntries(settings.environment.map(splitVariable)),
      workingDirectory: settings.workingDirectory,
      user: settings.user,
      passwd: read('etc/passwd'),
      group: withoutOwnGroup(read('etc/group'), settings.user),
      terminal: settings.terminal,
      consoleSize,
    },
    security: {
      privileged: settings.privileged,
      capabilitiesAdd: settings.capabilitiesAdd,
      capabilitiesDrop: settings.capabilitiesDrop,
      noNewPrivileges: settings.noNewPrivileges,
      seccomp:
        settings.seccompPolicy === 'image'
          ? await (await import('./image-seccomp.ts')).imageSeccomp(parts, record)
          : await loadSeccompProfile(settings.seccompProfile, { privileged: settings.privileged }),
    },
    resources: {
      devices: settings.privileged ? hostDevices() : undefined,
      cgroups,
      limits: settings.resourceLimits,
      cgroupsPath: cgroups === 'enabled' ? cgroupsPath(record.id, settings.tuning, pair) : undefined,
    },
    namespaces: {
      network: isJoined(settings.network) ? await joinedNamespace(parts, settings.network) : settings.network,
      user: settings.idMap,
    },
    hostname: settings.hostname,
    mounts: settings.mounts.map(mountInput),
    files: { ...namesOfNetwork(parts, settings.network, files), hostname: files.hostname, containerEnv: files.containerEnv },
    annotations: {
      'io.podwright.container.name': record.name,
      'org.opencontainers.image.stopSignal': settings.stopSignal,
      ...(pair.userManager !== undefined && scopeProperties(settings)),
    },
  }
  const relay = relayedSocket(parts, settings) === undefined ? undefined : relayInput(files.directory)
  const told =
    relay === undefined
      ? input
      : {
          ...input,
          process: { ...input.process, environment: { ...input.process.environment, ...relay.environment } },
          mounts: [...(input.mounts ?? []), relay.mount],
        }
  const { tuning } = settings
  const tuned = tuning === undefined ? told : await (await import('../tuning/tune-input.ts')).tuneInput(parts, told, tuning, files)
  const generated = generateSpec(settings.secrets === undefined ? tuned : await withSecrets(parts, tuned, record))
  if (tuning?.cdiDevices === undefined && tuning?.gpus === undefined) return generated
  return (await import('../devices/container-devices.ts')).withDescribedDevices(parts, settings, generated)
}

/** How systemd ends the container's scope when the machine goes down: crun(1), "annotations". By itself it would send SIGTERM, and wait for 90 s. */
function scopeProperties({ stopSignal, stopTimeoutSeconds }: ContainerSettings): Readonly<Record<string, string>> {
  return {
    'org.systemd.property.KillSignal': String(parseSignal(stopSignal)),
    'org.systemd.property.TimeoutStopUSec': `uint64 ${Math.max(stopTimeoutSeconds, 1) * 1_000_000}`,
  }
}

async function withSecrets(parts: EngineParts, input: SpecInput, record: ContainerRecord): Promise<SpecInput> {
  const { mounts, environment } = await (await import('../secrets/container-secrets.ts')).openSecrets(parts, record)
  return {
    ...input,
    process: { ...input.process, environment: { ...input.process.environment, ...environment } },
    mounts: [...(input.mounts ?? []), ...mounts],
  }
}

/** The config of the last start, without variables that are secret; undefined when there was none, or a crash of the machine left an empty file of it. */
export function readSpec(files: ContainerFiles, settings: Pick<ContainerSettings, 'secrets'>): RuntimeSpec | undefined {
  const text = readIfThere(`${files.directory}/config.json`) ?? ''
  return text === '' ? undefined : withoutSecretVariables(JSON.parse(text) as RuntimeSpec, settings)
}

async function writeIdentityFiles(parts: EngineParts, record: ContainerRecord, files: ContainerFiles): Promise<void> {
  const { settings } = record
  const { extraHosts, hostsFile: hostsBase = '/etc/hosts', nameServers, searchDomains, resolverOptions } = settings.tuning ?? {}
  const privateNetwork = settings.network !== 'host'
  const uplink = settings.network === 'private' ? await uplinkOf(parts, record) : undefined
  writeReadable(
    files.hosts,
    hostsFile({
      base: hostsBase === 'none' ? undefined : readIfThere(hostsBase),
      names: [settings.hostname, record.name],
      entries: extraHosts,
    }),
  )
  writeReadable(files.hostname, `${settings.hostname}\n`)
  writeReadable(
    files.resolvConf,
    resolvConf({
      base: readIfThere('/etc/resolv.conf'),
      privateNetwork,
      nameServers: nameServers === undefined || nameServers === 'none' ? uplink?.nameServers() : nameServers,
      searchDomains,
      options: resolverOptions,
    }),
  )
  writeReadable(
    files.containerEnv,
    settings.privileged
      ? containerEnvFile({
          engineVersion,
          name: record.name,
          id: record.id,
          imageName: record.imageName,
          imageId: record.imageId,
          rootless: parts.rootless,
        })
      : '',
  )
}

/** For any user of the container, whatever our umask is. */
function writeReadable(path: string, text: string): void {
  writeFileSync(path, text)
  chmodSync(path, 0o644)
}

/** What the run before left would be taken for this one's. */
function clearLeftovers(files: ContainerFiles): void {
  for (const path of [files.exitFile, files.oomFile, files.pidFile, files.monitorPidFile, files.attachSocket, files.controlFifo]) {
    rmSync(path, { force: true })
  }
}

function mountInput(mount: ContainerMount): MountInput {
  const { target, readOnly, options } = mount
  if (mount.type === 'tmpfs') return { type: 'tmpfs', target, readOnly, options }
  if (mount.type === 'ramfs' || mount.type === 'devpts') return memoryMount(mount, mount.type)
  return { type: 'bind', source: mount.source ?? '', target, readOnly, options }
}

function splitVariable(variable: string): [string, string] {
  const at = variable.indexOf('=')
  return [variable.slice(0, at), variable.slice(at + 1)]
}

/** Overlay's mark of a directory that hides what is below, in either namespace of attributes. */
export function opacityTest(): (directory: string) => boolean {
  const special = createSpecialFiles()
  const names = ['user.overlay.opaque', 'trusted.overlay.opaque'].map((name) => Buffer.from(name))
  return (directory) => names.some((name) => special.getXattr(Buffer.from(directory), name)?.[0] === 0x79)
}

/** A start takes the config before away, at any moment. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
