import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busyboxImage } from './busybox.ts'
import { pushImage, type Registry, registryLogin, startRegistry } from './registry.ts'

/** What the examples of READMEs find in their environment, so that they run where no network is. */
export interface ExampleRegistries extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
}

/**
 * Starts a registry for everybody (`REGISTRY`; `IMAGE` is an image in it) and one that asks who it is (`PRIVATE_REGISTRY`, `PRIVATE_USER`,
 * `PRIVATE_PASSWORD`). Both speak plain HTTP, as a registries.conf says.
 */
export async function startExampleRegistries(): Promise<ExampleRegistries> {
  await using started = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'podwright-examples-'))
  chmodSync(directory, 0o755)
  started.defer(() => rmSync(directory, { recursive: true, force: true }))
  const open: Registry = started.use(await startRegistry())
  const closed: Registry = started.use(await startRegistry({ basicAuth: true }))
  await pushImage(open.address, 'library/busybox', '1', busyboxImage())
  const configuration = join(directory, 'registries.conf')
  writeFileSync(configuration, [open, closed].map(({ address }) => `[[registry]]\nlocation = "${address}"\ninsecure = true\n`).join('\n'))
  const all = started.move()
  return {
    env: {
      CONTAINERS_REGISTRIES_CONF: configuration,
      REGISTRY: open.address,
      IMAGE: `${open.address}/library/busybox:1`,
      PRIVATE_REGISTRY: closed.address,
      PRIVATE_USER: registryLogin.user,
      PRIVATE_PASSWORD: registryLogin.password,
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
