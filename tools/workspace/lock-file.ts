/** An entry of a lock file's `packages`. */
export interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** The parts of package-lock.json that are read here. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/**
 * The lock file with an entry for each optional dependency that has none, where its version is exact and its name says for which platform it
 * is; and the paths of those entries.
 */
export function withOptionalPackages(lock: LockFile): { readonly lock: LockFile; readonly added: readonly string[] } {
  const missing: [string, LockedPackage][] = []
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      const platform = platformOf(name)
      if (path in lock.packages || platform === undefined || !/^\d+\.\d+\.\d+/.test(version)) continue
      missing.push([path, { version, ...platform, ...(entry.dev === true ? { dev: true } : {}), optional: true }])
    }
  }
  const packages = { ...lock.packages, ...Object.fromEntries(missing) }
  return { lock: { ...lock, packages }, added: missing.map(([path]) => path).toSorted() }
}

const systems: Readonly<Record<string, string>> = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  aix: 'aix',
  win32: 'win32',
}
const processors: Readonly<Record<string, string>> = {
  arm: 'arm',
  arm64: 'arm64',
  ia32: 'ia32',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  wasm32: 'wasm32',
  x64: 'x64',
  x86: 'ia32',
  riscv64d: 'riscv64',
}
const libraries: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }

/** The platform that a name such as `@oxfmt/binding-linux-arm64-musl` ends in, as package.json says it. */
function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> | undefined {
  const words = name.split('/').at(-1)!.split(/[-_]/)
  const [os] = words.flatMap((word) => systems[word] ?? [])
  const [cpu] = words.flatMap((word) => processors[word] ?? [])
  const [libc] = words.flatMap((word) => libraries[word] ?? [])
  if (os === undefined && cpu === undefined) return undefined
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined || os !== 'linux' ? {} : { libc: [libc] }),
    ...(os === undefined ? {} : { os: [os] }),
  }
}
