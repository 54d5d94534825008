import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { busyboxEntries, busyboxImage } from '../harness/busybox.ts'
import { makeImage, makeIndex, ownArchitecture } from '../harness/image.ts'
import { pushImage, registryLogin, startRegistry } from '../harness/registry.ts'
import { asOneRole } from '../harness/roles-suite.ts'
import { createSandbox, type Sandbox } from '../harness/sandbox.ts'
import { startScriptedRegistry } from '../harness/scripted-registry.ts'

const noTls = '--tls-verify=false'

asOneRole(({ role, sandbox, busybox }) => {
  test('prints the image’s id; lines of progress go to stderr', async () => {
    const { code, stdout, stderr } = await sandbox().podwright(['pull', noTls, busybox])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^([0-9a-f]{64}|.*busybox:1)\n$/)
    expect(stderr.length).toBeGreaterThan(0)
    expect(stderr).not.toContain('\u001b')
    expect((await sandbox().podwright(['pull', '-q', noTls, busybox])).stderr).toBe('')
  })

  test.each([
    ['OCI, gzip', { format: 'oci', compression: 'gzip' }],
    ['OCI, zstd', { format: 'oci', compression: 'zstd' }],
    ['OCI, no compression', { format: 'oci', compression: 'none' }],
    ['Docker schema 2', { format: 'docker', compression: 'gzip' }],
  ] as const)('%s', async (title, recipe) => {
    const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    const image = busyboxImage({ ...recipe, config: { Cmd: ['echo', name] } })
    await pushImage(inject('registry'), name, '1', image)
    expect(await sandbox().ok(['run', '--rm', noTls, `${inject('registry')}/${name}:1`])).toBe(name)
    const [inspected] = JSON.parse(await sandbox().ok(['inspect', `${inject('registry')}/${name}:1`])) as readonly { readonly Id: string }[]
    expect(inspected?.Id).toContain(image.configDigest.replace('sha256:', ''))
  })

  test('of a list, this machine’s image is taken; --platform takes another', async () => {
    const multi = `${inject('registry')}/multi:1`
    await sandbox().ok(['pull', noTls, multi])
    const architecture = async (): Promise<string> => JSON.parse(await sandbox().ok(['image', 'inspect', multi]))[0].Architecture
    expect(await architecture()).toBe(ownArchitecture)
    const other = ownArchitecture === 'amd64' ? 'arm64' : 'amd64'
    await sandbox().ok(['pull', noTls, '--platform', `linux/${other}`, multi])
    expect(await architecture()).toBe(other)
  })

  test('by digest, of an image and of a list', async () => {
    const image = busyboxImage({ config: { Cmd: ['echo', 'by digest'] } })
    const list = makeIndex({ [ownArchitecture]: image })
    await pushImage(inject('registry'), 'digests', '1', list)
    for (const digest of [image.manifest.digest, list.manifest.digest]) {
      expect(await sandbox().ok(['run', '--rm', noTls, `${inject('registry')}/digests@${digest}`])).toBe('by digest')
    }
  })

  test('many layers, each over the ones below', async () => {
    const marks = Array.from({ length: 12 }, (_, index) => [
      { path: `mark-${index}`, content: `${index}` },
      { path: 'top', content: `${index}` },
    ])
    await pushImage(inject('registry'), 'layers', '1', makeImage({ layers: [busyboxEntries(), ...marks], config: { Env: ['PATH=/bin'] } }))
    const script = 'cat /top; ls / | grep -c mark'
    expect(await sandbox().ok(['run', '--rm', noTls, `${inject('registry')}/layers:1`, 'sh', '-c', script])).toMatch(/^11\s*12$/)
  })

  test('with a password from docker’s configuration, and 125 without it', async () => {
    await using registry = await startRegistry({ basicAuth: true })
    const auth = Buffer.from(`${registryLogin.user}:${registryLogin.password}`).toString('base64')
    await pushImage(registry.address, 'private', '1', busyboxImage(), `Basic ${auth}`)
    const name = `${registry.address}/private:1`

    const refused = await sandbox().podwright(['pull', noTls, name])
    expect(refused.code).toBe(125)
    expect(refused.stderr).toMatch(/unauthorized|authentication|401/i)

    await usingHome(sandbox(), '.docker/config.json', { auths: { [registry.address]: { auth } } })
    expect((await sandbox().podwright(['pull', noTls, name])).code).toBe(0)
  })

  test('a pull that dies is taken up from the bytes on disk', async () => {
    const payload = Buffer.alloc(24 * 1024 * 1024)
    for (let offset = 0; offset < payload.length; offset += 4) payload.writeUInt32LE((offset * 2246822519) >>> 0, offset)
    const image = makeImage({ layers: [[...busyboxEntries(), { path: 'payload', content: payload }]], compression: 'none' })
    const layer = image.blobs[1]!
    let stall = true
    await using registry = await startScriptedRegistry(image, (request, response) => {
      if (!stall || request.method === 'HEAD' || request.url?.includes(layer.digest) !== true) return false
      // Half of it, and then nothing for ever.
      response.setHeader('content-length', layer.bytes.length)
      response.write(Buffer.from(layer.bytes.subarray(0, layer.bytes.length / 2)))
      return true
    })
    const name = `${registry.address}/big:1`
    const pulling = sandbox().start(['pull', noTls, name], { timeoutMs: 30_000 })
    await waitFor(() => registry.requests.some((line) => line.includes(layer.digest) && line.startsWith('GET')))
    await new Promise((resolve) => setTimeout(resolve, 1500))
    pulling.child.kill('SIGKILL')
    await pulling.result
    stall = false
    const before = registry.requests.length
    await sandbox().ok(['pull', noTls, name])
    const again = registry.requests.slice(before).filter((line) => line.includes(layer.digest) && line.startsWith('GET'))
    expect(again).toEqual([expect.stringMatching(/bytes=\d{5,}-/)])
    expect(await sandbox().ok(['run', '--rm', name, 'sh', '-c', 'wc -c < /payload'])).toBe(String(payload.length))
  })

  test('of what is all here, the digest is asked for and nothing fetched; what is damaged, is', async () => {
    const image = makeImage({
      layers: [busyboxEntries(), [{ path: 'unchanged', content: Buffer.from('here') }]],
      config: { Env: ['PATH=/bin'] },
    })
    await using registry = await startScriptedRegistry(image)
    const name = `${registry.address}/unchanged:1`
    const pull = async (): Promise<string[]> => {
      const before = registry.requests.length
      const { code, stderr } = await sandbox().podwright(['pull', noTls, name])
      expect(code, stderr).toBe(0)
      return registry.requests.slice(before).filter((line) => line.includes('/unchanged/'))
    }
    await pull()
    expect(await pull()).toEqual([expect.stringMatching(/^HEAD .*\/manifests\/1/)])
    const layer = image.blobs.at(-1)!.digest
    rmSync(join(sandbox().home, 'store/blobs', layer.replace(':', '/')))
    expect(await pull()).toContainEqual(expect.stringMatching(new RegExp(`^GET .*${layer}`)))
    expect(await pull()).toHaveLength(1)
    expect(await sandbox().ok(['run', '--rm', name, 'cat', '/unchanged'])).toBe('here')
  })

  test('two processes that pull the same image share the work, and neither breaks', async () => {
    const image = makeImage({
      layers: [busyboxEntries(), [{ path: 'shared', content: Buffer.alloc(4 * 1024 * 1024, 'x') }]],
      config: { Env: ['PATH=/bin'] },
    })
    await using registry = await startScriptedRegistry(image)
    const name = `${registry.address}/shared:1`
    const pulls = await Promise.all([1, 2, 3].map(() => sandbox().podwright(['pull', noTls, name])))
    expect(pulls.map(({ code, stderr }) => (code === 0 ? 'fine' : stderr))).toEqual(['fine', 'fine', 'fine'])
    // The layer with busybox may be here from a pull before; the other is this image's alone.
    for (const { digest } of image.blobs.slice(2)) {
      expect(
        registry.requests.filter((line) => line.startsWith('GET') && line.includes(digest)),
        digest,
      ).toHaveLength(1)
    }
    expect(await sandbox().ok(['run', '--rm', name, 'sh', '-c', 'wc -c < /shared'])).toBe(String(4 * 1024 * 1024))
  })

  test('killed at any point, what was complete stays and the next pull completes it', { timeout: 240_000 }, async () => {
    const layers = [busyboxEntries(), ...[1, 2, 3].map((n) => [{ path: `part-${n}`, content: Buffer.alloc(2 * 1024 * 1024, `${n}`) }])]
    await pushImage(inject('registry'), 'killed', '1', makeImage({ layers, config: { Env: ['PATH=/bin'] } }))
    const name = `${inject('registry')}/killed:1`
    for (const delayMs of [60, 120, 180, 240, 300, 400]) {
      const box = createSandbox(role)
      await using _ = box
      const pulling = box.start(['pull', noTls, name])
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      pulling.child.kill('SIGKILL')
      await pulling.result
      expect(await box.ok(['run', '--rm', noTls, name, 'sh', '-c', 'cat /part-* | wc -c'])).toBe(String(6 * 1024 * 1024))
    }
  })
})

async function usingHome(sandbox: Sandbox, path: string, content: object): Promise<void> {
  const file = join(sandbox.home, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, JSON.stringify(content))
  for (const owned of [join(file, '..'), file]) chownSync(owned, sandbox.role.uid, sandbox.role.gid)
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 400 && !isTrue(); attempt++) await new Promise((resolve) => setTimeout(resolve, 25))
  expect(isTrue()).toBe(true)
}
