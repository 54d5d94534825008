import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The packed command, installed as a user would: away from the workspace, readable by everybody. */
export interface Installation {
  readonly directory: string
  /** The packs that it was installed from. */
  readonly tarballs: string
  /** Where the packages are. */
  readonly modules: string
  /** Node, and the command's entry. */
  readonly node: string
  readonly entry: string
}

const workspace = fileURLToPath(new URL('../..', import.meta.url))

/** Builds, packs and installs every published package, so that what is tested is what would be published. */
export function installPacked(): Installation {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-install-'))
  chmodSync(directory, 0o755)
  const run = (command: string, args: readonly string[], cwd = workspace): void => {
    execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  run('nx', ['run-many', '-t', 'build'])
  const tarballs = join(directory, 'tarballs')
  mkdirSync(tarballs)
  const packages = readdirSync(join(workspace, 'packages')).map((name) => `--workspace=packages/${name}`)
  run('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', tarballs, ...packages])

  const prefix = join(directory, 'prefix')
  mkdirSync(prefix)
  const files = readdirSync(tarballs).map((file) => join(tarballs, file))
  // The conformance suites want vitest, which no user of the command has.
  const wanted = files.filter((file) => !file.includes('conformance'))
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', prefix, ...wanted], prefix)
  const modules = join(prefix, 'node_modules')
  return { directory, tarballs, modules, node: copyNode(directory), entry: entryOf(join(modules, 'podwright')) }
}

/** Removes it. */
export function removeInstallation({ directory }: Installation): void {
  rmSync(directory, { recursive: true, force: true })
}

/** The workspace may lie where the test user can't reach. */
function copyNode(directory: string): string {
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  const node = join(bin, 'node')
  try {
    linkSync(process.execPath, node)
  } catch {
    copyFileSync(process.execPath, node)
  }
  return node
}

function entryOf(directory: string): string {
  const { bin } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { readonly bin: Readonly<Record<string, string>> }
  const entry = join(directory, bin['podwright']!)
  if (!existsSync(entry)) throw new Error(`the pack of podwright lacks ${entry}: was it built meanwhile by somebody else?`)
  return entry
}
