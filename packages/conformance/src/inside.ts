import type { MountSpec, NamespaceExecutor, SnapshotView } from '@podwright/contracts'
import { execFile } from 'node:child_process'

/** How a script ended. */
export interface ShellResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script inside the namespaces, in a mount namespace of its own that ends with it. */
export async function runInside(namespace: NamespaceExecutor, script: string): Promise<ShellResult> {
  const words = [...(await namespace.prefix()), 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', script]
  const [command = '', ...args] = words
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: '/', maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

/** A script that mounts a tree, and runs another one in it. */
export function treeScript({ mounts, rootfs }: SnapshotView, script: string): string {
  const steps = mounts.map((mount) => `cd ${quoted(mount.workingDirectory ?? '/')} && ${mountCommand(mount)} || exit 97`)
  return [...steps, `cd ${quoted(rootfs)} || exit 98`, script].join('\n')
}

function mountCommand({ command, type, source, target, options }: MountSpec): string {
  if (command !== undefined) return command.map(quoted).join(' ')
  // util-linux 2.39 and later hand options over one by one, which the kernel takes up to 256 bytes each: too little for many layers.
  const words = type === 'bind' ? ['mount', '--bind', source, target] : ['mount', '-t', type, '-o', options.join(','), source, target]
  const mount = `LIBMOUNT_FORCE_MOUNT2=always ${words.map(quoted).join(' ')}`
  return type === 'bind' && options.includes('ro') ? `${mount} && mount -o remount,bind,ro ${quoted(target)}` : mount
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
