import { defineConfig, type UserConfig } from 'tsdown'

/** How every library room is built: one ESM entry with its types, nothing of its neighbours inside. */
const shared: UserConfig = defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  dts: true,
  clean: true,
  fixedExtension: false,
})

export default shared
