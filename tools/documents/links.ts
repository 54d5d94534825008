/** Targets of the links of a Markdown text that lead to files or headings here; those in code are none. */
export function localLinks(markdown: string): readonly string[] {
  const text = withoutCode(markdown)
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of a Markdown text's headings, as GitHub makes them. Of two that are the same, the second would have a number. */
export function headingAnchors(markdown: string): readonly string[] {
  return [...withoutFences(markdown).matchAll(/^#+ +(.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutCode(markdown: string): string {
  return withoutFences(markdown)
    .replaceAll(/^ {4}.*$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
}

function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, '')
}
