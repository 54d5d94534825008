import { commandTable, manPage, pageName, readReference, rootManPage, withPersistentFlags } from 'podwright'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCompatibility } from '../../reference/compatibility.ts'
import { differences, reasons } from '../../reference/differences.ts'
import { referenceDocuments } from '../../reference/documents.ts'
import { peerNames, readPeer } from '../../reference/peers.ts'
import { workspaceRoot } from '../../workspace/workspace.ts'

/** The formatter pads the columns of a table. */
function withoutPadding(text: string): string {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
}

test('docs/reference and docs/compatibility.md say what the definitions say (npm run reference)', async () => {
  const documents = await referenceDocuments()
  const found = readdirSync(join(workspaceRoot, 'docs/reference')).map((name) => `reference/${name}`)
  expect(found.toSorted()).toEqual(
    Object.keys(documents)
      .filter((path) => path.startsWith('reference/'))
      .toSorted(),
  )
  for (const [path, text] of Object.entries(documents)) {
    expect(withoutPadding(readFileSync(join(workspaceRoot, 'docs', path), 'utf8')), path).toBe(withoutPadding(text))
  }
})

test('every flag of --help is on the page of its command, and in its man page', async () => {
  const entries = await readReference()
  const documents = await referenceDocuments()
  for (const entry of entries) {
    const command = await commandTable.find(({ names }) => names[0] === entry.name)!.load()
    const page = documents[`reference/${pageName(entry)}.md`] ?? ''
    const man = manPage(entry, '1.0.0').replaceAll(String.raw`\-`, '-')
    for (const [name, { hidden }] of Object.entries(command.flags)) {
      if (hidden === true) continue
      expect(page, `${entry.name} --${name}`).toMatch(new RegExp(`\`--${name}[ \`]`))
      expect(man, `${entry.name} --${name}`).toContain(`--${name}`)
    }
  }
})

describe('man pages', () => {
  const isInstalled = spawnSync('groff', ['--version']).status === 0

  test('are ones that groff has nothing to say against', async ({ skip }) => {
    if (!isInstalled) skip('groff is not installed')
    const entries = await readReference()
    const pages = [rootManPage(entries, '1.0.0'), ...entries.map((entry) => manPage(entry, '1.0.0'))]
    const { status, stderr, stdout } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: pages.join('\n'), encoding: 'utf8' })
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: '' })
  })

  test('say what the program is called, and what it does', async () => {
    const [entry] = await readReference()
    expect(manPage(entry!, '1.0.0')).toMatch(
      /^\.TH "PODWRIGHT\\-ARTIFACT\\-ADD" 1 "" "podwright 1\.0\.0" "podwright"\n\.SH NAME\npodwright\\-artifact\\-add \\- /,
    )
  })
})

describe('compatibility', () => {
  test('nothing that a peer has is unknown: it works, comes later (later.ts), or is refused for a reason (differences.ts)', async () => {
    const commands = await readCompatibility()
    const unknown = commands.flatMap(({ name, state, flags }) => [
      ...(state === 'unknown' ? [name] : []),
      ...flags.filter((flag) => flag.state === 'unknown').map((flag) => `${name} ${flag.name}`),
    ])
    expect(unknown).toEqual([])
  })

  test('the lists have what every peer has', () => {
    for (const name of peerNames) {
      const { commands, version } = readPeer(name)
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      expect(commands['run']).toContain('--detach -d')
      expect(Object.keys(commands).length).toBeGreaterThan(150)
    }
  })

  test('differences and reasons are of what there is', async () => {
    const own = new Map<string, ReadonlySet<string>>()
    for (const { load } of commandTable) {
      const { name, flags } = await load()
      own.set(name, new Set(Object.keys(withPersistentFlags(flags)).map((flag) => `--${flag}`)))
    }
    for (const [name, flags] of Object.entries(differences)) {
      expect(own.has(name), name).toBe(true)
      for (const flag of Object.keys(flags)) if (flag !== '') expect(own.get(name)?.has(flag), `${name} ${flag}`).toBe(true)
    }
    for (const reason of Object.values(reasons)) expect(reason).toMatch(/\.$/)
  })
})
