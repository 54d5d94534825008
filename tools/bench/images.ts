import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { busyboxImage } from '@podwright/e2e/busybox'
import { type Image, makeImage } from '@podwright/e2e/image'
import { pushImage } from '@podwright/e2e/registry'

/** What the cases run and pull. */
export interface BenchImages {
  readonly busybox: string
  /** One layer of about 170 MB, 65 MB compressed. */
  readonly debian: string
}

/** Puts the images into a registry. Debian is made with mmdebstrap the first time, and kept. */
export async function pushBenchImages(address: string): Promise<BenchImages> {
  await pushImage(address, 'busybox', '1', busyboxImage())
  const layout = debianLayout()
  const target = `docker://${address}/debian:1`
  execFileSync('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:1`, target], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { busybox: `${address}/busybox:1`, debian: `${address}/debian:1` }
}

/** An OCI layout with Debian, uncompressed: skopeo compresses it, as it does for everybody. */
function debianLayout(): string {
  const directory = join(cacheDirectory(), 'debian')
  if (existsSync(directory)) return directory
  const archive = `${directory}.tar`
  execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', 'bookworm', archive], { stdio: ['ignore', 'ignore', 'inherit'] })
  writeLayout(`${directory}.new`, makeImage({ layers: [readFileSync(archive)], compression: 'none', config: { Cmd: ['bash'] } }))
  renameSync(`${directory}.new`, directory)
  rmSync(archive)
  return directory
}

/** OCI image layout, https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
function writeLayout(directory: string, image: Image): void {
  const blobs = join(directory, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  for (const { digest, bytes } of [image.manifest, ...image.blobs]) writeFileSync(join(blobs, digest.replace('sha256:', '')), bytes)
  const { digest, bytes } = image.manifest
  const annotations = { 'org.opencontainers.image.ref.name': '1' }
  const manifests = [{ mediaType: image.mediaType, digest, size: bytes.length, annotations }]
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
}

/** Where what is made once is kept. */
export function cacheDirectory(): string {
  const directory = process.getuid?.() === 0 ? '/var/cache/podwright-bench' : join(homedir(), '.cache/podwright-bench')
  mkdirSync(directory, { recursive: true })
  return directory
}
