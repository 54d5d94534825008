import { type Command, defineCommand } from '../command-line/command.ts'
import { parseFormat, shortFormatFlag } from '../command-line/format-flag.ts'
import { renderFacts } from '../render/facts.ts'
import { renderJson, renderJsonLines } from '../render/json.ts'

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
  run({ stdout, version: own }, { flags }) {
    const format = parseFormat(flags.format)
    const os = process.platform
    const arch = architectures[process.arch] ?? process.arch
    if (format === 'table') {
      stdout.write(renderFacts({ Engine: 'podwright', Version: own, 'Node version': process.versions.node, 'OS/Arch': `${os}/${arch}` }))
      return Promise.resolve(0)
    }
    const facts = { Engine: 'podwright', Version: own, NodeVersion: process.versions.node, Os: os, Arch: arch, OsArch: `${os}/${arch}` }
    // There is no daemon: who asks for the server's version gets ours.
    const document = { Client: facts, Server: facts }
    stdout.write(format === 'json' ? renderJson(document) : renderJsonLines([document]))
    return Promise.resolve(0)
  },
})
