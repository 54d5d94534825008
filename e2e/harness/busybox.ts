import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Image, type ImageRecipe, makeImage } from './image.ts'
import type { TarEntry } from './tar.ts'

/** A root file system with the machine's static busybox, and little else. */
export function busyboxEntries(): readonly TarEntry[] {
  const path = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
  const applets = execFileSync(path, ['--list'], { encoding: 'utf8' }).trim().split('\n')
  const links = applets
    .filter((applet) => applet !== 'busybox')
    .map((applet): TarEntry => ({ path: `bin/${applet}`, type: 'symlink', target: 'busybox' }))
  return [
    ...['bin', 'etc', 'home', 'root', 'usr', 'var'].map((name): TarEntry => ({ path: `${name}/`, type: 'directory' })),
    { path: 'tmp/', type: 'directory', mode: 0o1777 },
    { path: 'bin/busybox', content: readFileSync(path), mode: 0o755 },
    ...links,
    { path: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000:Alice:/home:/bin/sh\n' },
    { path: 'etc/group', content: 'root:x:0:\nalice:x:1000:\nstaff:x:50:alice\n' },
    { path: 'etc/not-executable', content: 'plain text\n', mode: 0o644 },
  ]
}

/** Most tests' image. */
export function busyboxImage(more: Partial<ImageRecipe> = {}): Image {
  return makeImage({
    layers: [busyboxEntries()],
    config: { Cmd: ['sh'], Env: ['PATH=/bin:/usr/bin', 'FROM_IMAGE=yes'], Labels: { origin: 'test' } },
    ...more,
  })
}
