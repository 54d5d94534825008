import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { busyboxEntries, busyboxImage } from '../harness/busybox.ts'
import { blobOf, makeImage, makeIndex } from '../harness/image.ts'
import { freePort, pushImage } from '../harness/registry.ts'
import { asOneRole, defineTest } from '../harness/roles-suite.ts'
import { type RunResult, start } from '../harness/run.ts'
import type { Sandbox } from '../harness/sandbox.ts'
import { type Fault, startScriptedRegistry } from '../harness/scripted-registry.ts'

const noTls = '--tls-verify=false'

/** What every refusal has in common: 125, a message with its subject, and nothing left. */
async function expectRefusal(sandbox: Sandbox, result: RunResult, subject: RegExp): Promise<void> {
  expect(result.stderr).toMatch(subject)
  expect(result.code, result.stderr).toBe(125)
  expect(result.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
  expect(await sandbox.ok(['ps', '-a', '-q'])).toBe('')
}

asOneRole(({ role, sandbox, busybox }) => {
  const image = busyboxImage()
  const layer = image.blobs[1]!

  const faults: readonly (readonly [string, Fault, RegExp])[] = [
    [
      'a layer with another digest',
      (request, response) => {
        if (request.url?.includes(layer.digest) !== true || request.method !== 'GET') return false
        const wrong = Buffer.from(layer.bytes)
        wrong[wrong.length - 20]! ^= 1
        response.setHeader('content-length', wrong.length)
        response.end(wrong)
        return true
      },
      /digest/i,
    ],
    [
      'a layer that ends too early',
      (request, response) => {
        if (request.url?.includes(layer.digest) !== true || request.method !== 'GET') return false
        response.setHeader('content-length', 1000)
        response.end(Buffer.from(layer.bytes.subarray(0, 1000)))
        return true
      },
      /size|bytes|short|truncated|ended/i,
    ],
    [
      'a manifest of an unknown type',
      (request, response) => {
        if (request.url?.includes('/manifests/') !== true) return false
        response.setHeader('content-type', 'application/vnd.example.unknown+json')
        response.end('{"schemaVersion":9,"mediaType":"application/vnd.example.unknown+json"}')
        return true
      },
      /vnd\.example\.unknown/,
    ],
    [
      '401',
      (_, response) => {
        response.statusCode = 401
        response.setHeader('www-authenticate', 'Basic realm="test"')
        response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
        return true
      },
      /unauthorized|authentication|401/i,
    ],
    [
      '404',
      (request, response) => {
        if (request.url === '/v2/') return false
        response.statusCode = 404
        response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
        return true
      },
      /not found|unknown|404|no such/i,
    ],
  ]

  test.each(faults)('%s', async (_, fault, subject) => {
    await using registry = await startScriptedRegistry(image, fault)
    const name = `${registry.address}/bad:1`
    const result = await sandbox().podwright(['run', '--rm', noTls, name, 'true'])
    await expectRefusal(sandbox(), result, subject)
    expect(result.stderr).toContain('bad')
    expect(await sandbox().ok(['images', '-q'])).toBe('')
  })

  test('a registry that fails at first: tried again as often as --retry says', async () => {
    let failures = 0
    const fault: Fault = (request, response) => {
      if (request.url === '/v2/' || failures++ > 0) return false
      response.statusCode = 503
      response.end()
      return true
    }
    await using registry = await startScriptedRegistry(image, fault)
    const name = `${registry.address}/fails:1`
    const never = await sandbox().podwright(['pull', noTls, '--retry', '0', name])
    expect(never).toMatchObject({ code: 125, stderr: expect.stringContaining('503') })
    failures = 0
    await sandbox().ok(['pull', noTls, '--retry', '1', '--retry-delay', '10ms', name])
    await sandbox().ok(['rmi', name])
    expect((await sandbox().podwright(['pull', '--retry', '-1', name])).stderr).toContain('invalid value "-1" for --retry')
    expect((await sandbox().podwright(['pull', '--retry-delay', 'soon', name])).stderr).toContain('invalid value "soon" for --retry-delay')
    expect((await sandbox().podwright(['pull', '--cert-dir', '/no/such', `127.0.0.1:${await freePort()}/x`])).code).toBe(125)
  })

  test('a registry that is not there', async () => {
    const name = `127.0.0.1:${await freePort()}/nowhere:1`
    await expectRefusal(sandbox(), await sandbox().podwright(['pull', noTls, name]), /127\.0\.0\.1/)
  })

  test('a list without an image for this platform', async () => {
    await pushImage(inject('registry'), 'foreign', '1', makeIndex({ s390x: busyboxImage({ architecture: 's390x' }) }))
    const result = await sandbox().podwright(['run', '--rm', noTls, `${inject('registry')}/foreign:1`, 'true'])
    await expectRefusal(sandbox(), result, /s390x/)
  })

  // As docker and podman do: the host may know how to run it (binfmt_misc).
  test('an image for another platform is told, and its programs are refused by the kernel', async () => {
    const elf = Buffer.from('7f454c4602020100000000000000000000020016', 'hex')
    const foreign = makeImage({
      layers: [[{ path: 'init', content: elf, mode: 0o755 }]],
      architecture: 's390x',
      config: { Cmd: ['/init'] },
    })
    await pushImage(inject('registry'), 'foreign', '2', foreign)
    const { code, stderr } = await sandbox().podwright(['run', '--rm', noTls, `${inject('registry')}/foreign:2`])
    expect(stderr).toContain('s390x')
    expect(stderr).toMatch(/exec format error/i)
    expect([1, 125, 126]).toContain(code)
    expect(await sandbox().ok(['ps', '-a', '-q'])).toBe('')
  })

  test('an image name that is none', async () => {
    await expectRefusal(sandbox(), await sandbox().podwright(['run', '--rm', 'UPPER case']), /UPPER case/)
  })

  test('a directory that can’t be entered', async () => {
    const { code, stderr } = await sandbox().podwright(['run', '--rm', '-w', '/etc/passwd', busybox, 'true'])
    expect([125, 126, 127]).toContain(code)
    expect(stderr).toContain('/etc/passwd')
  })

  test('a bind mount whose source is not there', async () => {
    const result = await sandbox().podwright(['run', '--rm', '-v', '/no/such/place:/x', busybox, 'true'])
    await expectRefusal(sandbox(), result, /\/no\/such\/place/)
  })

  test('a user that the image does not know', async () => {
    const { code, stderr } = await sandbox().podwright(['run', '--rm', '-u', 'nobody-here', busybox, 'true'])
    expect([125, 126]).toContain(code)
    expect(stderr).toContain('nobody-here')
  })

  test('a runtime that is not there', async () => {
    await expectRefusal(
      sandbox(),
      await sandbox().podwright(['--runtime', '/no/such/runtime', 'run', '--rm', busybox, 'true']),
      /\/no\/such\/runtime/,
    )
  })

  test.each([
    [['run', '-p', 'x', '--nope', busybox], /--nope|-p/],
    [['run', '--network', 'no-such-mode', busybox, 'true'], /no-such-mode/],
    [['logs'], /no container/],
    [['kill', '-s', 'NOSIGNAL', 'x'], /NOSIGNAL|x/],
  ])('arguments that mean nothing: %j', async (args, subject) => {
    await expectRefusal(sandbox(), await sandbox().podwright(args), subject)
  })

  defineTest('a full disk', { needsRoot: true }, async () => {
    const small = join(sandbox().directory, 'small')
    mkdirSync(small)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=24m,uid=${role.uid},gid=${role.gid},mode=0755`, 'tmpfs', small])
    try {
      const big = makeImage({ layers: [busyboxEntries(), [{ path: 'big', content: Buffer.alloc(64 * 1024 * 1024, 'x') }]] })
      await using registry = await startScriptedRegistry(big)
      const result = await sandbox().podwright(['--root', join(small, 'store'), 'pull', noTls, `${registry.address}/big:1`])
      expect(result.code).toBe(125)
      expect(result.stderr).toMatch(/space|full|free/i)
      expect(await sandbox().ok(['--root', join(small, 'store'), 'images', '-q'])).toBe('')
    } finally {
      await endNamespaces(sandbox())
      execFileSync('umount', ['-l', small])
    }
  })

  test('a monitor that is not there', async () => {
    const { code, stderr } = await sandbox().podwright(['--conmon', '/no/conmon', 'run', '--rm', busybox, 'true'])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining('cannot find conmon at /no/conmon') })
  })

  test('a manager of control groups that is not in use', async () => {
    const used = (await sandbox().ok(['info', '--format', '{{.Host.CgroupManager}}'])) || 'cgroupfs'
    const other = used === 'systemd' ? 'cgroupfs' : 'systemd'
    expect(await sandbox().ok([`--cgroup-manager=${used}`, 'run', '--rm', '--network', 'none', busybox, 'echo', 'ran'])).toBe('ran')
    const { code, stderr } = await sandbox().podwright([`--cgroup-manager=${other}`, 'run', '--rm', busybox, 'true'])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining(`cannot have control groups be made by ${other}`) })
  })

  defineTest('newuidmap is missing', { concerns: role.rootless, needsRoot: true }, async () => {
    const result = await withHidden(sandbox(), ['/usr/bin/newuidmap'], ['run', '--rm', busybox, 'true'])
    expect(result.code).toBe(125)
    expect(result.stderr).toMatch(/newuidmap/)
  })

  defineTest('no range in /etc/subuid', { concerns: role.rootless, needsRoot: true }, async () => {
    const result = await withHidden(sandbox(), ['/etc/subuid', '/etc/subgid'], ['run', '--rm', busybox, 'true'])
    expect(result.code).toBe(125)
    expect(result.stderr).toMatch(/subuid/)
    expect(result.stderr).toMatch(/usermod/)
  })

  defineTest('no runtime, no monitor', { needsRoot: true }, async () => {
    const noRuntime = await withHidden(sandbox(), ['/usr/bin/crun', '/usr/bin/runc'], ['run', '--rm', busybox, 'true'])
    expect(noRuntime.code).toBe(125)
    expect(noRuntime.stderr).toMatch(/crun/)
    const noMonitor = await withHidden(sandbox(), ['/usr/bin/conmon'], ['run', '--rm', busybox, 'true'])
    expect(noMonitor.code).toBe(125)
    expect(noMonitor.stderr).toMatch(/conmon/)
  })

  test('a config that claims other layers than the manifest', async () => {
    const broken = makeImage({ layers: [busyboxEntries()] })
    const config = blobOf(
      Buffer.from(broken.blobs[0]!.bytes)
        .toString()
        .replace(/"diff_ids":\["sha256:[0-9a-f]{8}/, '"diff_ids":["sha256:00000000'),
    )
    const manifest = blobOf(
      Buffer.from(broken.manifest.bytes)
        .toString()
        .replace(broken.configDigest, config.digest)
        .replace(/("config":\{[^}]*"size":)\d+/, `$1${config.bytes.length}`),
    )
    await using registry = await startScriptedRegistry({
      ...broken,
      manifest,
      blobs: [config, broken.blobs[1]!],
      configDigest: config.digest,
    })
    await expectRefusal(sandbox(), await sandbox().podwright(['run', '--rm', noTls, `${registry.address}/bad:1`, 'true']), /diff|digest/i)
  })
})

/** Runs podwright where those files are not to be seen (an empty file that nobody can execute lies over each). */
function withHidden(sandbox: Sandbox, files: readonly string[], args: readonly string[]): Promise<RunResult> {
  const hide = files.map((file) => `[ ! -e ${file} ] || mount --bind /dev/null ${file}`).join('; ')
  const fresh = join(sandbox.directory, 'run', `hidden-${files.length}-${Math.floor(performance.now())}`)
  const command = sandbox.words(['--runroot', fresh, '--root', `${fresh}-store`, ...args])
  return start(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `${hide}; exec "$@"`, 'sh', ...command], sandbox.env).result
}

/** Ends what holds the mounts of a plain user's namespace. */
async function endNamespaces(sandbox: Sandbox): Promise<void> {
  await sandbox.podwright(['rm', '-f', '-a', '-t', '0'])
}
