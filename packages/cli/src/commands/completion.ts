import { type Command, defineCommand } from '../command-line/command.ts'
import { CliError } from '../errors.ts'

/** `podwright completion` */
export const completion: Command = defineCommand({
  name: 'completion',
  usage: '[options] bash|zsh|fish',
  summary: "Print what makes a shell complete podwright's words",
  description:
    'For bash: source <(podwright completion bash). For zsh: source <(podwright completion zsh), after compinit. For fish: podwright completion fish | source. Names of containers, images and volumes are completed, too.',
  flags: {
    file: { kind: 'text', short: 'f', value: 'FILE', description: 'Write it to a file' },
    'no-desc': { kind: 'boolean', description: 'Leave the descriptions out that zsh and fish show' },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['completion bash', 'completion zsh -f ~/.zfunc/_podwright', 'completion fish'],
  async run({ stdout }, { flags, args: [name = ''] }) {
    const { completionScript, shells } = await import('../completion/shells.ts')
    const shell = shells.find((known) => known === name)
    if (shell === undefined)
      throw new CliError('ERR_CLI_ARGUMENTS', `there is no completion for "${name}": the shells are ${shells.join(', ')}`)
    const script = completionScript(shell, flags['no-desc'] === true ? '--no-desc ' : '')
    if (flags.file === undefined) stdout.write(script)
    else writeScript(flags.file, script)
    return 0
  },
})

function writeScript(path: string, script: string): void {
  const { writeFileSync } = process.getBuiltinModule('node:fs')
  try {
    writeFileSync(path, script)
  } catch (error) {
    throw new CliError('ERR_CLI_FILE', `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
