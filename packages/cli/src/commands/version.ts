import { type Command, defineCommand } from '../command-line/command.ts'
import { readFormat, shortFormatFlag } from '../command-line/format-flag.ts'
import { renderFacts } from '../render/facts.ts'
import { printDocument } from '../render/print-documents.ts'

/** Node's names of architectures that have another in Go. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** `podwright version` */
export const version: Command = defineCommand({
  name: 'version',
  usage: '[options]',
  summary: 'Show the version of podwright and of what it runs on',
  flags: { format: shortFormatFlag },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['version', 'version --format json'],
  async run({ stdout, version: own }, { flags }) {
    const os = process.platform
    const arch = architectures[process.arch] ?? process.arch
    if (readFormat(flags.format) === 'table') {
      stdout.write(renderFacts({ Engine: 'podwright', Version: own, 'Node version': process.versions.node, 'OS/Arch': `${os}/${arch}` }))
      return 0
    }
    const facts = { Engine: 'podwright', Version: own, NodeVersion: process.versions.node, Os: os, Arch: arch, OsArch: `${os}/${arch}` }
    // There is no daemon: who asks for the server's version gets ours. podman has the client's fields at the top, too.
    const fields = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, () => value]))
    await printDocument(stdout, { Client: facts, Server: facts }, { format: flags.format, typeName: 'Version', fields })
    return 0
  },
})
