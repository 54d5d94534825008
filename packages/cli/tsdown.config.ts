import { mkdirSync, writeFileSync } from 'node:fs'
import { defineConfig, type UserConfig } from 'tsdown'

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

/** The command line's own modules that are loaded by what needs them. */
const apart =
  /\/(main|compile-cache|commands\/.*|command-line\/(explain|help|suggest|later|filters|time-flag)|render\/(wrap|facts)|volumes\/volume-.*|(containers|images)\/(filters|inspect-.*))\.ts$/

/** The rest of the command line is small, and most of it is needed by most commands. */
const isCore = (id: string): boolean => /\/packages\/(cli|conventions)\/src\//.test(id) && !apart.test(id)

/** What of the engine the everyday commands use: one file of it is loaded faster than the fifty that it would fall into. */
const isEngine = (id: string): boolean =>
  /\/packages\/(engine|runtime|storage|userns|network|linux|oci)\/src\//.test(id) &&
  !/\/(tasks|drivers?|hello|schemas?)\b|\/volumes\/(?!uses-volumes|volumes\.ts|volume-holders)|doctor|manifest|oci\/src\/(image-config|internal\/(json-document|.*schema))|images\/(pull|unpack-hello)|system\/info|internal\/(destination|begun-image|commit-images|ingest|partial-blob|unpack|garbage|sweep|remove-image)/.test(
    id,
  )

/** What reads documents of others: only what fetches an image needs it. */
const isDocuments = (id: string): boolean =>
  /\/node_modules\/zod\/|\/packages\/oci\/src\/(image-config|manifest|internal\/(json|manifest|parse|schema))/.test(id)

/** The command's bundle is CommonJS in a package of type module. */
function markAsCommonJs(): void {
  mkdirSync('dist', { recursive: true })
  writeFileSync('dist/package.json', '{ "type": "commonjs" }\n')
}

/**
 * The command, and each process that its engine starts: three bundles that share nothing, since each file that is loaded takes time. What is imported
 * when it is needed becomes a chunk of its own, so that a command loads its own code alone.
 *
 * The command itself is CommonJS, which is nobody's business but Node's: a file costs 0.4 ms in place of 1.2, and Node's module loader, 2 ms, is not
 * started.
 */
const configs: UserConfig[] = defineConfig([
  {
    ...shared,
    entry: { podwright: 'src/main.ts' },
    format: 'cjs',
    clean: true,
    outExtensions: () => ({ js: '.js' }),
    outputOptions: {
      dynamicImportInCjs: false,
      codeSplitting: {
        groups: [
          { name: 'documents', test: isDocuments, priority: 1 },
          { name: 'core', test: isCore },
          { name: 'engine', test: isEngine },
        ],
      },
    },
    hooks: { 'build:done': markAsCommonJs },
  },
  { ...shared, entry: { worker: 'src/worker.ts' }, format: 'esm', fixedExtension: true },
  { ...shared, entry: { cleanup: 'src/cleanup.ts' }, format: 'esm', fixedExtension: true },
])

export default configs
