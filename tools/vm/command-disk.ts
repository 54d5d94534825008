import { installPacked, removeInstallation } from '@podwright/e2e/install'
import { busyboxEntries } from '@podwright/e2e/busybox'
import { packTar } from '@podwright/e2e/tar'
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { workspaceRoot } from '../workspace/workspace.ts'
import { makeDisk } from './root-disk.ts'

const wrapper = `#!/bin/sh
exec /opt/podwright/bin/node /opt/podwright/prefix/node_modules/podwright/dist/podwright.js "$@"
`

/**
 * A disk with the packed command as a user would install it, the tests, and a root file system to make an image of.
 *
 * @param only the tests whose name matches this regular expression
 */
export function makeCommandDisk(disk: string, only: string | undefined): void {
  const installation = installPacked()
  try {
    const { directory } = installation
    rmSync(installation.tarballs, { recursive: true })
    writeFileSync(join(directory, 'podwright'), wrapper)
    chmodSync(join(directory, 'podwright'), 0o755)
    cpSync(join(workspaceRoot, 'e2e/vm'), join(directory, 'vm'), { recursive: true })
    mkdirSync(join(directory, 'images'))
    writeFileSync(join(directory, 'images/busybox.tar'), packTar(busyboxEntries()))
    writeFileSync(join(directory, 'settings.json'), JSON.stringify({ only }))
    // The package that says how the tests' files are to be read.
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }))
    makeDisk(directory, disk, 1)
  } finally {
    removeInstallation(installation)
  }
}
