import { defineConfig, type UserConfig } from 'tsdown'

/**
 * The command and the processes that its engine starts, with everything inside but koffi's binaries. What the entry imports when it needs it becomes
 * a chunk of its own, so that a command loads its own code alone.
 */
const config: UserConfig = defineConfig({
  entry: { podwright: 'src/main.ts', worker: 'src/worker.ts', cleanup: 'src/cleanup.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  dts: false,
  clean: true,
  fixedExtension: false,
  noExternal: [/.*/],
  external: ['koffi', /^@koromix\//],
  inputOptions: { resolve: { conditionNames: ['@podwright/source', 'import', 'default'] } },
})

export default config
