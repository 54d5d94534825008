import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { busyboxEntries } from './busybox.ts'
import type { Sandbox } from './sandbox.ts'
import { systemCallEntries } from './system-call.ts'
import { packTar } from './tar.ts'

/** Imports an image with busybox, and with a program in /calls for each system call that is tried. Resolves with its name. */
export async function importProbingImage(sandbox: Sandbox): Promise<string> {
  const path = join(sandbox.home, 'probing.tar')
  writeFileSync(path, packTar([...busyboxEntries(), { path: 'calls/', type: 'directory' }, ...systemCallEntries('calls')]))
  chownSync(path, sandbox.role.uid, sandbox.role.gid)
  await sandbox.ok(['import', '-q', '-c', 'ENV PATH=/bin', path, 'probing:1'])
  return 'probing:1'
}

/** Runs a shell's script in a container of its own; what it printed. */
export type Inside = (flags: string, script: string) => Promise<string>

/** Such a runner, for a container without a network. The flags are words apart by blanks. */
export function insideOf(sandbox: () => Sandbox, image: () => string): Inside {
  return (flags, script) =>
    sandbox().ok(['run', '--rm', '--pull', 'never', '--network', 'none', ...flags.split(' ').filter(Boolean), image(), 'sh', '-c', script])
}
