import { expect } from 'vitest'
import { makeImage } from '../harness/image.ts'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'
import { startScriptedRegistry } from '../harness/scripted-registry.ts'
import { packTar, withChecksum } from '../harness/tar.ts'

asEachRole(({ role, sandbox }) => {
  // Two minutes of making files: once is enough, for the role that has the longer way to go.
  defineTest('10^6 entries end with a code, or are unpacked: never a crash', { concerns: role.rootless, timeoutMs: 900_000 }, async () => {
    const image = makeImage({ layers: [manyFiles(1_000_000)] })
    await using registry = await startScriptedRegistry(image)
    const name = `${registry.address}/many:1`
    const { code, stderr } = await sandbox().podwright(['pull', '--tls-verify=false', name], { timeoutMs: 700_000 })
    expect([0, 125], stderr).toContain(code)
    expect(stderr).not.toMatch(/heap out of memory|\n\s+at .*:\d+:\d+/)
  })
})

const template = Buffer.from(packTar([{ path: 'many/0000000' }]).subarray(0, 512))

/** A layer with so many empty files. */
function manyFiles(count: number): Uint8Array {
  const archive = Buffer.alloc((count + 2) * 512)
  for (let index = 0; index < count; index++) {
    const header = archive.subarray(index * 512, (index + 1) * 512)
    template.copy(header)
    header.write(String(index).padStart(7, '0'), 5, 'latin1')
    withChecksum(header)
  }
  return archive
}
