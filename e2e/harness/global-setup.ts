import type { TestProject } from 'vitest/node'
import { busyboxImage } from './busybox.ts'
import { makeIndex } from './image.ts'
import { type Installation, installPacked, removeInstallation } from './install.ts'
import { pushImage, type Registry, startRegistry } from './registry.ts'

declare module 'vitest' {
  interface ProvidedContext {
    installation: Installation
    /** `127.0.0.1:PORT` of a registry with the images that most tests use. */
    registry: string
  }
}

let installation: Installation | undefined
let registry: Registry | undefined

/** Once a run, before the first test: installs the packed command, and starts a registry with a busybox. */
export async function setup(project: TestProject): Promise<void> {
  installation = installPacked()
  registry = await startRegistry()
  const busybox = busyboxImage()
  const multi = makeIndex({ amd64: busyboxImage({ architecture: 'amd64' }), arm64: busyboxImage({ architecture: 'arm64' }) })
  await pushImage(registry.address, 'busybox', '1', busybox)
  await pushImage(registry.address, 'multi', '1', multi)
  project.provide('installation', installation)
  project.provide('registry', registry.address)
}

/** After the last one. */
export async function teardown(): Promise<void> {
  await registry?.[Symbol.asyncDispose]()
  if (installation !== undefined) removeInstallation(installation)
}
