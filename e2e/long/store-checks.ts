import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Image } from '../harness/image.ts'
import type { Sandbox } from '../harness/sandbox.ts'

interface CheckOutput {
  readonly findings: readonly { readonly kind: string; readonly subject: string; readonly reason?: string }[]
}

/** Where the sandbox keeps its images and containers. */
export function storeOf(sandbox: Sandbox, ...parts: readonly string[]): string {
  return join(sandbox.home, 'store', ...parts)
}

/** `system check` with all bytes read finds nothing but what interrupted work has left. */
export async function expectOnlyGarbage(sandbox: Sandbox, about: string): Promise<void> {
  const { code, stdout, stderr } = await sandbox.podwright(['system', 'check', '--format', 'json', '--max', '0s'])
  expect([about, stderr]).toEqual([about, ''])
  const { findings } = JSON.parse(stdout) as CheckOutput
  expect([about, findings.filter(({ kind }) => kind !== 'garbage')]).toEqual([about, []])
  expect([about, code]).toEqual([about, 0])
}

/** The garbage can be taken away, and then nothing is found any more. */
export async function expectMended(sandbox: Sandbox, about: string): Promise<void> {
  await sandbox.ok(['system', 'check', '--repair', '--format', 'json', '--max', '0s'])
  const { findings } = JSON.parse(await sandbox.ok(['system', 'check', '--format', 'json', '--max', '0s'])) as CheckOutput
  expect([about, findings]).toEqual([about, []])
  for (const directory of ['ingest', 'trash', 'leases'])
    expect([about, directory, readdirSync(storeOf(sandbox, directory))]).toEqual([about, directory, []])
}

/** Ids of all images that are listed. */
export async function listedImages(sandbox: Sandbox): Promise<readonly string[]> {
  const ids = await sandbox.ok(['images', '-a', '-q', '--no-trunc'])
  return [...new Set(ids.split('\n').filter(Boolean))]
}

/** A container of the image as it is here ends with 0. */
export async function expectRuns(sandbox: Sandbox, image: string, about: string): Promise<void> {
  const { code, stderr } = await sandbox.podwright(['run', '--rm', '--pull', 'never', '--network', 'none', image, 'true'])
  expect([about, image, code, stderr]).toEqual([about, image, 0, ''])
}

/** Bytes of the image's blobs that are on the disk, whole or as beginnings, by digest. */
export function bytesOnDisk(sandbox: Sandbox, image: Image): ReadonlyMap<string, number> {
  return new Map(
    image.blobs.map(({ digest, bytes }) => {
      // A config is read whole before it is written, so that a beginning of one is of no use.
      const isConfig = digest === image.configDigest
      const hex = digest.replace('sha256:', '')
      if (existsSync(storeOf(sandbox, 'blobs/sha256', hex))) return [digest, bytes.length]
      return [digest, isConfig ? 0 : (statSync(storeOf(sandbox, 'ingest', `sha256-${hex}`), { throwIfNoEntry: false })?.size ?? 0)]
    }),
  )
}
