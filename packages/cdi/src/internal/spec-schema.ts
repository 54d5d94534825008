import { posix } from 'node:path'
import * as z from 'zod/mini'
import { mistakeInName, splitKind } from '../device-name.ts'
import {
  type CdiDevice,
  type CdiDeviceNode,
  type CdiHook,
  type CdiIntelRdt,
  type CdiMount,
  type CdiNetDevice,
  type CdiSpec,
  type ContainerEdits,
  hookNames,
} from '../spec.ts'
import { object, type Schema, text, texts, whole } from './schema.ts'
import { specVersions } from './versions.ts'

const most = 2 ** 32 - 1
let schema: Schema<CdiSpec> | undefined

/** Made when it is first needed. */
export function specSchema(): Schema<CdiSpec> {
  return (schema ??= makeSchema())
}

function makeSchema(): Schema<CdiSpec> {
  const edits = editsSchema()
  const device = object<CdiDevice>({
    name: text((name) => mistakeInName(name) === undefined, 'a name of letters, digits, and _ - . : between them'),
    annotations: maybe(texts()),
    containerEdits: edits.check(z.refine(isSomething, { error: 'edits: a device changes something', abort: true })),
  })
  return object<CdiSpec>({
    cdiVersion: text(
      (version) => (specVersions as readonly string[]).includes(version.replace(/^v/, '')),
      `one of the versions ${specVersions.join(', ')}`,
    ),
    kind: text((kind) => typeof splitKind(kind) !== 'string', 'a kind as vendor.com/class'),
    annotations: maybe(texts()),
    devices: z.array(device).check(z.minLength(1, { error: 'a list of devices: at least one', abort: true })),
    containerEdits: maybe(edits),
  })
}

function editsSchema(): Schema<ContainerEdits> {
  const ids = z.array(whole(0, most, 'a group id'))
  const fields = object<ContainerEdits & { readonly additionalGIDs?: readonly number[] }>({
    env: maybe(z.array(variable())),
    deviceNodes: maybe(z.array(nodeSchema())),
    mounts: maybe(z.array(mountSchema())),
    hooks: maybe(z.array(hookSchema())),
    additionalGids: maybe(ids),
    // The specification's own example writes it so.
    additionalGIDs: maybe(ids),
    intelRdt: maybe(intelRdtSchema()),
    netDevices: maybe(z.array(object<CdiNetDevice>({ hostInterfaceName: interfaceName(), name: interfaceName() }))),
  })
  return z.pipe(
    fields,
    z.transform(({ additionalGIDs, ...edits }): ContainerEdits => ({
      ...edits,
      ...(additionalGIDs !== undefined && { additionalGids: [...(edits.additionalGids ?? []), ...additionalGIDs] }),
    })),
  )
}

function nodeSchema(): Schema<CdiDeviceNode> {
  return object<CdiDeviceNode>({
    path: placePath(),
    hostPath: maybe(absolute()),
    type: maybe(z.enum(['b', 'c', 'u', 'p'])),
    major: maybe(whole(0, 0xfff, 'the major number of a device')),
    minor: maybe(whole(0, 0xfffff, 'the minor number of a device')),
    fileMode: maybe(whole(0, 0o7777, 'a file mode, as a number between 0 and 4095')),
    permissions: maybe(text((access) => access === 'none' || /^[rwm]*$/.test(access), 'of r, w and m, or none')),
    uid: maybe(whole(0, most, 'a user id')),
    gid: maybe(whole(0, most, 'a group id')),
  })
}

function mountSchema(): Schema<CdiMount> {
  return object<CdiMount>({
    hostPath: text((path) => path !== '', 'a path'),
    containerPath: placePath(),
    options: maybe(z.array(text())),
    type: maybe(text()),
  })
}

function hookSchema(): Schema<CdiHook> {
  return object<CdiHook>({
    hookName: z.enum(hookNames),
    path: absolute(),
    args: maybe(z.array(text())),
    env: maybe(z.array(variable())),
    timeout: maybe(whole(1, 2 ** 31 - 1, 'a number of seconds above 0')),
  })
}

function intelRdtSchema(): Schema<CdiIntelRdt> {
  const isClass = (id: string): boolean => id === '/' || (id.length < 4096 && !/[/\n]/.test(id) && id !== '.' && id !== '..')
  return object<CdiIntelRdt>({
    closID: maybe(text(isClass, 'the name of a class of service')),
    l3CacheSchema: maybe(text()),
    memBwSchema: maybe(text()),
    schemata: maybe(z.array(text())),
    enableCMT: maybe(z.boolean()),
    enableMBM: maybe(z.boolean()),
    enableMonitoring: maybe(z.boolean()),
  })
}

/** Empty texts are left out where a field may be, as Go writes what is not there. */
function maybe<T>(inner: Schema<T>): Schema<T | undefined> {
  const isThere = z.transform((value: unknown): unknown => (value === '' ? undefined : value))
  return z.optional(z.pipe(isThere, z.optional(inner))) as Schema<T | undefined>
}

function absolute(): Schema<string> {
  return text((path) => posix.isAbsolute(path) && !path.includes('\0'), 'an absolute path')
}

/** Where something can be in a container. */
function placePath(): Schema<string> {
  return text((path) => posix.isAbsolute(path) && posix.normalize(path) !== '/' && !path.includes('\0'), 'an absolute path below /')
}

function variable(): Schema<string> {
  return text((line) => line.indexOf('=') > 0, 'a variable as NAME=VALUE')
}

function interfaceName(): Schema<string> {
  return text((name) => /^[^\s/:]{1,15}$/.test(name), 'the name of a network interface')
}

function isSomething(edits: ContainerEdits): boolean {
  return Object.values(edits).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined))
}
