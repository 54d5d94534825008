import type { CdiSpec } from '@podwright/cdi'
import type { RuntimeSpec } from '@podwright/oci'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A directory with these files, gone with the scope. */
export function directoryOf(files: Readonly<Record<string, string | object>>): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'podwright-cdi-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A spec whose devices each set a variable `NAME=from`. */
export function specOf(from: string, names: readonly string[], more: Partial<CdiSpec> = {}): CdiSpec {
  const devices = names.map((name) => ({ name, containerEdits: { env: [`${name.toUpperCase()}=${from}`] } }))
  return { cdiVersion: '0.6.0', kind: 'vendor.com/class', devices, ...more }
}

/** A small config.json. */
export const config: RuntimeSpec = {
  ociVersion: '1.0.2',
  process: { user: { uid: 0, gid: 0 }, args: ['true'], cwd: '/', env: ['PATH=/bin', 'A=image'] },
  root: { path: '/rootfs' },
  mounts: [
    { destination: '/proc', type: 'proc' },
    { destination: '/dev', type: 'tmpfs' },
    { destination: '/dev/shm', type: 'tmpfs' },
  ],
  linux: { namespaces: [{ type: 'mount' }], resources: { devices: [{ allow: false, access: 'rwm' }], pids: { limit: 10 } } },
}
