import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRuntime } from '../../src/index.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'podwright-delete-'))
  mkdirSync(join(base, 'root/c1'), { recursive: true })
})
afterEach(() => rmSync(base, { recursive: true }))

/** A crun that does what `script` says; `$root` is where it keeps what it knows. */
function crunThat(script: string): ReturnType<typeof createRuntime> {
  const path = join(base, 'crun')
  const root = join(base, 'root')
  writeFileSync(path, `#!/bin/sh\nroot='${root}'\n${script}\n`, { mode: 0o755 })
  return createRuntime({ name: 'crun', path, root, rootless: false, cgroups: 'enabled' })
}

test('what somebody else deleted in the same moment is deleted', async () => {
  const crun = crunThat('rm -r "$root/c1"; echo "cannot rm state directory \\`$root/c1\\`: No such file or directory" >&2; exit 1')
  await expect(crun.delete('c1')).resolves.toBeUndefined()
})

test('what is still there was not deleted', async () => {
  const crun = crunThat('echo "cannot rm state directory \\`$root/c1\\`: Device or resource busy" >&2; exit 1')
  await expect(crun.delete('c1')).rejects.toMatchObject({ code: 'ERR_RUNTIME_FAILED' })
  expect(existsSync(join(base, 'root/c1'))).toBe(true)
})
