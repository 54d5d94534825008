import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig, type UserConfig } from 'tsdown'
import { reachableModules } from './everyday-modules.ts'

/** What is bundled without its entry: everything but koffi, whose binary is opened at run time. */
const shared: UserConfig = {
  platform: 'node',
  target: 'node22.18',
  dts: false,
  clean: false,
  noExternal: [/.*/],
  external: ['koffi', /^@koromix\//],
  inputOptions: { resolve: { conditionNames: ['@podwright/source', 'import', 'default'] } },
}

/** CommonJS is nobody's business but Node's: a file costs 0.4 ms in place of 1.2, and Node's module loader, 2 ms, is not started. */
const commonJs = {
  ...shared,
  format: 'cjs',
  // Names and statements stay, for traces that can be read.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  outExtensions: () => ({ js: '.js' }),
  outputOptions: { dynamicImportInCjs: false },
} satisfies UserConfig

const packages = resolve(import.meta.dirname, '..')

/** What every command needs of the command line itself, and what `ps` shares with most others; each command is a file of its own. */
const core = reachableModules(packages, ['cli/src/process.ts', 'cli/src/commands/ps.ts'])
const isOfCommandLine = (id: string): boolean => /\/packages\/(cli|conventions)\/src\/(?!commands\/)/.test(id)
// Helpers of the bundler and for `using` would be two files more.
const isHelper = (id: string): boolean => /rolldown\/runtime|usingCtx/.test(id)
const isCore = (id: string): boolean => isHelper(id) || (core.has(id) && isOfCommandLine(id))

/** `run`, and what it alone of the everyday commands needs of the command line. */
const run = reachableModules(packages, ['cli/src/commands/run.ts'])
const isRun = (id: string): boolean => run.has(id) && (isOfCommandLine(id) || id.endsWith('/cli/src/commands/run.ts'))

/** What opens the engine, with its database: all that `ps` needs of it. */
const opening = reachableModules(packages, ['engine/src/open-engine.ts'])
const isOpening = (id: string): boolean => opening.has(id) || id.endsWith('/packages/engine/src/index.ts')

/**
 * What else of the engine the everyday commands use (`run`, `start`, `stop`, `rm`, …): one file of it is loaded faster than the hundred that it would fall
 * into. Everything that these need is in it, and nothing else.
 */
const everyday = reachableModules(packages, [
  ...['create', 'start', 'wait', 'remove', 'signal', 'unmount'].map((name) => `engine/src/containers/${name}.ts`),
  ...['namespace', 'storage', 'runtime'].map((name) => `engine/src/make/${name}.ts`),
  'storage/src/drivers/overlay.ts',
  'linux/src/terminal.ts',
])
const isEngine = (id: string): boolean => everyday.has(id)

/** What reads documents of others: only what fetches an image needs it. */
const isDocuments = (id: string): boolean =>
  /\/node_modules\/zod\/|\/packages\/oci\/src\/(image-config|manifest|internal\/(json|manifest|parse|schema))/.test(id)

/** The bundles are CommonJS in a package of type module, and the package has man pages. */
function finish(): void {
  mkdirSync('dist', { recursive: true })
  writeFileSync('dist/package.json', '{ "type": "commonjs" }\n')
  execFileSync(process.execPath, ['-C', '@podwright/source', resolve(import.meta.dirname, 'write-man-pages.ts')], { stdio: 'inherit' })
}

/**
 * The command, and each process that its engine starts: four bundles that share nothing, since each file that is loaded takes time. What is imported
 * when it is needed becomes a chunk of its own, so that a command loads its own code alone.
 */
const configs: UserConfig[] = defineConfig([
  {
    ...commonJs,
    entry: { podwright: 'src/main.ts' },
    clean: true,
    outputOptions: {
      ...commonJs.outputOptions,
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [
          // A group takes along what its modules import, so the everyday ones choose first.
          { name: 'core', test: isCore, priority: 5 },
          { name: 'run', test: isRun, priority: 4 },
          { name: 'opening', test: isOpening, priority: 3 },
          { name: 'engine', test: isEngine, priority: 2 },
          { name: 'documents', test: isDocuments, priority: 1 },
        ],
      },
    },
    hooks: { 'build:done': finish },
  },
  { ...commonJs, entry: { worker: 'src/worker.ts' } },
  { ...commonJs, entry: { cleanup: 'src/cleanup.ts' } },
  { ...commonJs, entry: { keeper: 'src/keeper.ts' } },
])

export default configs
