/**
 * `npm run reference`: writes docs/reference and docs/compatibility.md anew, after a command or a flag was changed.
 *
 *     npm run reference -- --peers     asks the docker and podman of this machine first what they have
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referenceDocuments } from '../reference/documents.ts'
import { askPeer, peerNames } from '../reference/peers.ts'
import { runStep } from '../steps/run-step.ts'
import { workspaceRoot } from '../workspace/workspace.ts'

if (process.argv.includes('--peers')) {
  for (const name of peerNames) {
    const { version, commands } = askPeer(name)
    console.log(`${name} ${version}: ${Object.keys(commands).length} commands`)
  }
}
const docs = join(workspaceRoot, 'docs')
const documents = await referenceDocuments()
mkdirSync(join(docs, 'reference'), { recursive: true })
for (const name of readdirSync(join(docs, 'reference'))) {
  if (!Object.hasOwn(documents, `reference/${name}`)) rmSync(join(docs, 'reference', name))
}
for (const [path, text] of Object.entries(documents)) writeFileSync(join(docs, path), text)
await runStep({ title: 'format', command: ['oxfmt', join(docs, 'reference'), join(docs, 'compatibility.md')] }, workspaceRoot)
console.log(`docs: ${Object.keys(documents).length} pages`)
