/** The command lines of podwright in the indented blocks of a Markdown text, and what they need: `mkdir`, `echo … > FILE`. As somebody would type them. */
export function guideCommands(markdown: string): readonly string[] {
  return markdown.split('\n').flatMap((line) => {
    const command = /^ {4}(?:\$ )?(?:\.\/)?(podwright .*|echo .*|mkdir .*)$/.exec(line)?.[1]
    return command === undefined ? [] : [command.replaceAll('./podwright', 'podwright')]
  })
}
