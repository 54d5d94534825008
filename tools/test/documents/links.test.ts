import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { headingAnchors, localLinks } from '../../documents/links.ts'
import { listSources, workspaceRoot } from '../../workspace/workspace.ts'

const documents = ['docs', 'packages', 'e2e', 'tools']
  .flatMap((directory) => listSources(workspaceRoot, directory, ['.md']))
  .concat(['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'])
const links = documents.flatMap((path) => localLinks(readFileSync(join(workspaceRoot, path), 'utf8')).map((link) => ({ path, link })))

test.each(links)('$path: $link leads somewhere', ({ path, link }) => {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? path : join(dirname(path), file)
  expect(existsSync(join(workspaceRoot, target)), target).toBe(true)
  if (anchor !== undefined) expect(headingAnchors(readFileSync(join(workspaceRoot, target), 'utf8'))).toContain(anchor)
})

test('localLinks passes over what leads to the web, and over code', () => {
  const text = ['[a](b.md) [c](https://example.com) ![d](e.png) [f](#g)', '```', '[h](i.md)', '```', '    [j](k.md)', '`[l](m.md)`']
  expect(localLinks(text.join('\n'))).toEqual(['b.md', 'e.png', '#g'])
})

test('headingAnchors makes of headings what GitHub makes of them', () => {
  expect(headingAnchors("# A b\n## `openX(components, options)`\ntext\n### It's 2, or 3\n")).toEqual([
    'a-b',
    'openxcomponents-options',
    'its-2-or-3',
  ])
})

describe('docs/decisions', () => {
  const records = listSources(workspaceRoot, 'docs/decisions', ['.md']).filter((path) => /\/\d{4}-/.test(path))
  const index = readFileSync(join(workspaceRoot, 'docs/decisions/README.md'), 'utf8')

  test.each(records)('%s has its number and title in the index', (path) => {
    const number = Number(/\/(\d{4})-/.exec(path)?.[1])
    const title = new RegExp(String.raw`^# ${number}\. (.+)$`, 'm').exec(readFileSync(join(workspaceRoot, path), 'utf8'))?.[1]
    expect(title, 'its heading is "# NUMBER. TITLE"').toBeDefined()
    expect(index).toContain(`- ${number}: [${title}](${path.slice('docs/decisions/'.length)})`)
  })

  test('no number is given twice', () => {
    const numbers = records.map((path) => /\/(\d{4})-/.exec(path)?.[1])
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})
