import { markdownIndex, markdownPage, nouns, pageName, readReference } from 'podwright'
import { compatibilityPage } from './compatibility-page.ts'
import { readCompatibility } from './compatibility.ts'
import { peerNames, readPeer } from './peers.ts'

/** All documents that are made from the command's definitions, by path below docs/. */
export async function referenceDocuments(): Promise<Readonly<Record<string, string>>> {
  const entries = await readReference()
  return {
    'reference/README.md': markdownIndex(entries, nouns),
    ...Object.fromEntries(entries.map((entry) => [`reference/${pageName(entry)}.md`, markdownPage(entry)])),
    'compatibility.md': compatibilityPage(await readCompatibility(), peerNames.map(readPeer)),
  }
}
