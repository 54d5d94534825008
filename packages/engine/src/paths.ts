import { messageOf } from '@podwright/conventions'
import { lstatSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { EngineError } from './errors.ts'
import type { EngineOptions } from './options.ts'

/** The directories that an engine lives in. All absolute. */
export interface EnginePaths {
  readonly root: string
  readonly runRoot: string
  readonly containers: string
  /** Where each monitor, in a mount namespace of its own, mounts its container's root. */
  readonly rootMount: string
  readonly database: string
  /** What secrets are closed up with. */
  readonly secretKey: string
  readonly locks: string
  /** Held by who puts a container on an image, or removes images. */
  readonly imageLock: string
}

/** Works out where the engine's files are; makes nothing. */
export function enginePaths(options: EngineOptions, rootless: boolean): EnginePaths {
  const environment = options.environment ?? process.env
  const root = options.root === undefined ? defaultRoot(environment, rootless) : resolve(options.root)
  const runRoot = options.runRoot === undefined ? defaultRunRoot(environment, rootless) : resolve(options.runRoot)
  return {
    root,
    runRoot,
    containers: join(root, 'containers'),
    rootMount: join(root, 'rootfs'),
    database: join(root, 'engine.db'),
    secretKey: secretKeyFile(environment) ?? join(root, 'secrets.key'),
    locks: join(runRoot, 'locks'),
    imageLock: join(runRoot, 'images.lock'),
  }
}

/** Makes the directories that every write needs; an existing run root must be ours alone. */
export function makeEngineDirectories(paths: EnginePaths): void {
  mkdirSync(paths.containers, { recursive: true, mode: 0o700 })
  try {
    mkdirSync(paths.locks, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new EngineError('ERR_ENGINE_RUN_ROOT', `cannot make the directory for sockets and locks, ${paths.locks}: ${messageOf(error)}`, {
      cause: error,
      hint: 'Set --runroot, or XDG_RUNTIME_DIR, to a directory that you own.',
    })
  }
  const found = lstatSync(paths.runRoot)
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new EngineError('ERR_ENGINE_RUN_ROOT', `${paths.runRoot} is not a directory of our own user`, {
      hint: 'Remove it, or name another one with --runroot.',
    })
  }
}

/** Elsewhere than what it is the key to, for those who copy the one and not the other. */
function secretKeyFile({ PODWRIGHT_SECRETS_KEY: path = '' }: Readonly<Record<string, string | undefined>>): string | undefined {
  return path === '' ? undefined : resolve(path)
}

function defaultRoot(environment: Readonly<Record<string, string | undefined>>, rootless: boolean): string {
  if (!rootless) return '/var/lib/podwright'
  const data = environment['XDG_DATA_HOME']
  return join(data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local', 'share'), 'podwright')
}

/**
 * XDG_RUNTIME_DIR where it is set and ours; else /run/user/UID where that is ours (`su -` sets no XDG_RUNTIME_DIR); else a directory of
 * our own in the one for temporary files, whose owner is checked when it is made.
 */
function defaultRunRoot(environment: Readonly<Record<string, string | undefined>>, rootless: boolean): string {
  if (!rootless) return '/run/podwright'
  const uid = process.geteuid?.() ?? 0
  for (const directory of [environment['XDG_RUNTIME_DIR'], `/run/user/${uid}`]) {
    if (directory !== undefined && isAbsolute(directory) && isOwnDirectory(directory, uid)) return join(directory, 'podwright')
  }
  return join(tmpdir(), `podwright-${uid}`)
}

function isOwnDirectory(path: string, uid: number): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.isDirectory() && found.uid === uid
}
